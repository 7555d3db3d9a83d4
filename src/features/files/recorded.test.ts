import { expect, it } from "vitest";
import { readVectors } from "../../../test/vectors/read-vectors.ts";
import type { FileStore } from "../../core/contracts/file-store.ts";
import { webCrypto } from "../../crypto/providers/web.ts";
import { sha256 } from "../../crypto/sha256.ts";
import { native } from "../../dialects/native/index.ts";
import { serverAndClient } from "../../testing/server-and-client.ts";
import { fileClient } from "./file-client.ts";
import { files } from "./files.ts";
import { memoryStore } from "./memory-store.ts";

interface Frame {
  readonly from: "client" | "server";
  readonly type: string;
  readonly id: number;
  readonly payload: Record<string, unknown>;
}

const { frames } = readVectors<{ readonly frames: readonly Frame[] }>(
  "conduit-features/file-transfer.json",
);

/** Calls of the original client, and what the original server answered, without the wrappers. */
const recorded = frames
  .filter(({ type }) => type === "RPC_REQUEST")
  .map(({ id, payload }) => {
    const answer = frames.find((each) => each.type === "RPC_RESPONSE" && each.id === id);
    const result = (answer?.payload["result"] ?? {}) as Record<string, unknown>;
    return {
      method: String(payload["method"]),
      params: payload["params"] as Record<string, unknown>,
      answer: (result["data"] ?? result) as Record<string, unknown>,
    };
  });

async function put(store: FileStore, name: string, text: string): Promise<void> {
  const content = new TextEncoder().encode(text);
  const draft = await store.create(name, content.length);
  await draft.write(0, content);
  await draft.commit(sha256(content));
}

it("answers the calls of the original client as the original server does", async () => {
  const store = memoryStore();
  await put(store, "down.txt", "download me, please");
  await using pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    register: (server) => server.install(files({ store })),
  });
  /** Their transfer's name → ours. */
  const ids = new Map<unknown, unknown>();
  const differences: unknown[] = [];

  for (const { method, params, answer } of recorded) {
    const id = ids.get(params["transfer_id"]) ?? params["transfer_id"];
    const named = { ...params, ...(id !== undefined && { transfer_id: id }) };
    const ours = (await pair.client.call(method, named)) as Record<string, unknown>;
    ids.set(answer["transfer_id"], ours["transfer_id"]);
    if (!sameButForChance(ours, answer)) differences.push([method, ours]);
  }

  // The one thing they do and we do not: write outside of the folder.
  const outside = expect.stringContaining("Invalid filename");
  expect(differences).toEqual([
    ["file_upload_start", { error: outside, code: "INVALID_ARGUMENT" }],
    ["file_upload_chunk", { error: "Transfer not found" }],
    ["file_upload_complete", { error: "Transfer not found" }],
  ]);
});

it("takes a file as the original server sends it", async () => {
  const acknowledged: unknown[] = [];
  const pushed = frames.filter(({ type, from }) => type === "MESSAGE" && from === "server");
  const acknowledgement = frames.find(({ type, from }) => type === "MESSAGE" && from === "client");
  await using pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    register: (server) => server.onEvent("file_incoming_ack", (data) => acknowledged.push(data)),
  });
  const store = memoryStore();
  const received = new Promise((onFileReceived) => {
    pair.client.install(fileClient({ store, onFileReceived }));
  });
  const [peer] = pair.server.connections.values();
  // At once, without waiting for the client: so does the Python server when a client is slow.
  for (const { payload } of pushed) await peer?.emit(String(payload["type"]), payload["data"]);

  expect(await received).toEqual({ name: "push.bin", size: 40 });
  expect(await store.read("push.bin", 0, 100)).toEqual(
    Uint8Array.from({ length: 40 }, (_, n) => n),
  );
  await pair.client.call("$ping");
  expect(acknowledged).toEqual([acknowledgement?.payload["data"]]);
});

function sameButForChance(
  ours: Readonly<Record<string, unknown>>,
  theirs: Readonly<Record<string, unknown>>,
): boolean {
  // Times and names are chance, the path is theirs, the checksum of a download and what is there
  // of an upload ours alone.
  const { transfer_id: _ours, elapsed: _time, path: _path, ...told } = ours;
  const { checksum: _sum, received_chunks: _kept, ...left } = told;
  const { transfer_id: _theirs, elapsed: _then, path: _their, ...right } = theirs;
  const [named, expected] = [ours["transfer_id"], theirs["transfer_id"]].map((each) => typeof each);
  return JSON.stringify(left) === JSON.stringify(right) && named === expected;
}
