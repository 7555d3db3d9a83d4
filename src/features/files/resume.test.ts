import { expect, it } from "vitest";
import {
  CONTENT,
  cut,
  type FileWorld,
  fileWorld,
  first,
  put,
} from "../../../test/features/file-world.ts";
import { namesIn } from "../../../test/features/stored-text.ts";
import { anonymous } from "../../auth/anonymous.ts";
import { bearerTokens } from "../../auth/bearer-tokens.ts";
import type { ClientOptions } from "../../client/options.ts";
import { sha256 } from "../../crypto/sha256.ts";
import { type FileClient, fileClient } from "./file-client.ts";
import { memoryStore } from "./memory-store.ts";
import type { Progress } from "./progress.ts";

/** Uploads until the server has so many bytes, and is then gone. */
async function uploadSome(files: FileWorld, bytes: number): Promise<void> {
  const killed = await files.pair.connect();
  const leaving = new AbortController();
  const uploading = killed.install(fileClient()).upload("a", CONTENT, {
    signal: leaving.signal,
    onProgress: (each) => each.bytes >= bytes && leaving.abort(),
  });
  await expect(uploading).rejects.toMatchObject({ code: "CANCELLED" });
  const gone = new Promise((resolve) => files.pair.server.onDisconnect(resolve));
  await killed.close();
  await gone;
}

const named = (more: object = {}) => ({
  filename: "a",
  size: 95,
  checksum: Buffer.from(sha256(CONTENT)).toString("hex"),
  ...more,
});

it("goes on with an upload after each break, from where it was", async () => {
  const seen: number[] = [];
  const cuts = new Set([30, 70]);
  await using files: FileWorld = await fileWorld({
    onProgress: ({ bytes }) => {
      seen.push(bytes);
      if (cuts.delete(bytes)) void cut(files);
    },
  });
  const told: Progress[] = [];
  const uploaded = await files.client.upload("a", CONTENT, { onProgress: (at) => told.push(at) });

  expect(uploaded.storedAs).toBe("a");
  expect(await files.store.read("a", 0, 100)).toEqual(CONTENT);
  // Each byte once: what has come before a break is not sent again.
  expect(seen).toEqual([...new Set(seen)].sort((one, other) => one - other));
  expect(told.at(-1)?.resumedBytes).toBeGreaterThanOrEqual(30);
  expect(told.at(-1)?.percent).toBe(100);
});

it("goes on with the upload of a client that was killed, for the same owner and content", async () => {
  await using files = await fileWorld();
  await uploadSome(files, 40);
  const told: Progress[] = [];
  await files.client.upload("a", CONTENT.toReversed());
  await files.client.upload("a", CONTENT, { onProgress: (at) => told.push(at) });

  expect(told[0]?.bytes).toBeGreaterThanOrEqual(40);
  expect(told[0]).toMatchObject({ resumedBytes: told[0]?.bytes });
  expect(await namesIn(files.store)).toEqual(["a", expect.stringMatching(/^a_/)]);
});

it("sends all of it again where that is wanted", async () => {
  await using files = await fileWorld();
  await uploadSome(files, 40);
  const told: number[] = [];
  await files.client.upload("a", CONTENT, {
    resume: false,
    onProgress: ({ bytes }) => told.push(bytes),
  });

  expect(told).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 95]);
  expect(await files.store.read("a", 0, 100)).toEqual(CONTENT);
});

it("keeps one file where the answer to the last call of an upload was lost", async () => {
  let received = 0;
  await using files: FileWorld = await fileWorld({
    onFileReceived: () => {
      received += 1;
      return cut(files);
    },
  });
  const uploaded = await files.client.upload("a", CONTENT);

  expect([uploaded.storedAs, received]).toEqual(["a", 1]);
  expect(await namesIn(files.store)).toEqual(["a"]);
});

it("takes over what a connection holds that is not known as broken, from its owner alone", async () => {
  const tokens = { "a token of ann": "ann", "a token of bob": "bob" };
  const as = (name: string): ClientOptions => ({
    credentials: { scheme: "token", token: `a token of ${name}` },
  });
  await using files = await fileWorld(
    {},
    {},
    { server: { authenticator: bearerTokens(tokens) }, client: as("ann") },
  );
  const { client: ann, connect } = files.pair;
  const [dead, bob] = [await connect(), await connect(as("bob"))];
  const { transfer_id } = Object(await dead.call("file_upload_start", named()));
  const chunk = { transfer_id, chunk_index: 0, data_b64: Buffer.alloc(10).toString("base64") };
  await dead.call("file_upload_chunk", chunk);
  const claimed = await bob.call("file_upload_start", named({ resume: transfer_id }));
  const beside = await ann.call("file_upload_start", named());
  const again = await ann.call("file_upload_start", named({ resume: transfer_id }));

  expect(Object(claimed)).toHaveProperty("received_chunks", 0);
  expect(Object(beside)).not.toHaveProperty("received_chunks");
  expect(Object(again)).toHaveProperty("received_chunks", 1);
  expect(await dead.call("file_upload_chunk", { ...chunk, chunk_index: 1 })).toEqual({
    error: "Transfer not found",
  });
});

it("leaves nothing of those who have not proven who they are", async () => {
  await using files = await fileWorld(
    { uploads: { public: true } },
    {},
    { server: { authenticator: anonymous() } },
  );
  const answer = await files.pair.client.call("file_upload_start", named());

  expect(Object(answer)).not.toHaveProperty("received_chunks");
});

it("gives an upload up that breaks again and again without coming forward", async () => {
  await using files: FileWorld = await fileWorld();
  let tries = 0;
  files.pair.server.use(async (call, next) => {
    if (call.procedure === "file_upload_chunk") {
      tries += 1;
      await cut(files);
    }
    return next(call);
  });

  await expect(files.client.upload("a", CONTENT)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(tries).toBeGreaterThanOrEqual(3);
});

it("goes on with a download after each break, from where it was", async () => {
  await using files = await fileWorld({ maxTransfersPerPeer: 1 });
  await put(files.store, "a", CONTENT);
  const cuts = new Set([30, 70]);
  const told: number[] = [];
  const pieces: number[] = [];
  await files.client.downloadTo(
    "a",
    async (chunk, offset) => {
      pieces.push(offset, ...(offset + chunk.length === 95 ? [95] : []));
      if (cuts.delete(offset)) await cut(files);
    },
    { onProgress: ({ bytes }) => told.push(bytes) },
  );

  expect(pieces).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95]);
  expect(told).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 95]);
});

/** Downloads until so many bytes are there, and is then given up. */
async function downloadSome(client: FileClient, bytes: number): Promise<void> {
  const leaving = new AbortController();
  const downloading = client.downloadInto(client.store, "a", {
    signal: leaving.signal,
    onProgress: (each) => each.bytes >= bytes && leaving.abort(),
  });
  await expect(downloading).rejects.toMatchObject({ code: "CANCELLED" });
}

it("goes on with a download that was given up, and takes up no transfer for ever", async () => {
  await using files = await fileWorld({ maxTransfersPerPeer: 2, chunkBytes: 7 });
  await put(files.store, "a", CONTENT);
  await downloadSome(files.client, 40);
  const [began, told]: Progress[][] = [[], []];
  const got = await files.client.downloadInto(files.client.store, "a", {
    onProgress: (at) => told?.push(at),
  });
  await files.client.downloadInto(files.client.store, "a", {
    onProgress: (at) => began?.push(at),
  });

  expect(got).toMatchObject({ name: "a", size: 95, storedAs: "a" });
  expect(await files.client.store.read("a", 0, 100)).toEqual(CONTENT);
  expect(told?.[0]?.bytes).toBeGreaterThanOrEqual(42);
  expect(told?.[0]?.resumedBytes).toBe(told?.[0]?.bytes);
  expect(began?.[0]).toMatchObject({ bytes: 7, resumedBytes: 0 });
});

it("begins anew where the file has changed since, or where that is wanted", async () => {
  await using files = await fileWorld();
  await put(files.store, "a", CONTENT);
  const store = memoryStore({ maxOwnerDrafts: 1 });
  const client = { ...files.client, store };
  await downloadSome(client, 40);
  const told: Progress[] = [];
  const options = { resume: false, onProgress: (at: Progress) => told.push(at) };
  await client.downloadInto(store, "a", options);
  await files.store.remove("a");
  await put(files.store, "a", CONTENT.toReversed());
  const got = await client.downloadInto(store, "a", { onProgress: (at) => told.push(at) });

  expect(told.map(({ resumedBytes }) => resumedBytes)).toEqual(Array(20).fill(0));
  expect(await store.read(got.storedAs, 0, 100)).toEqual(CONTENT.toReversed());
});

it("does not go on with another file, and leaves nothing of it", async () => {
  await using files: FileWorld = await fileWorld();
  await put(files.store, "a", CONTENT);
  const change = async () => {
    await files.store.remove("a");
    await put(files.store, "a", CONTENT.toReversed());
    await cut(files);
  };
  let changed: Promise<void> | undefined;
  files.pair.server.use(async (call, next) => {
    if (Number(call.args.named["chunk_index"]) >= 4) changed ??= change();
    await changed;
    return next(call);
  });
  const store = memoryStore({ maxTotalBytes: 95 });
  const downloading = files.client.downloadInto(store, "a");

  await expect(downloading).rejects.toMatchObject({ code: "CONFLICT" });
  await (await store.create("b", 95)).discard();
  expect(first(await files.client.list())).toMatchObject({ name: "a" });
});
