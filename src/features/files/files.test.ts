import { expect, it, vi } from "vitest";
import type { FileStore } from "../../core/contracts/file-store.ts";
import { webCrypto } from "../../crypto/providers/web.ts";
import { sha256 } from "../../crypto/sha256.ts";
import { native } from "../../dialects/native/index.ts";
import { type ServerAndClient, serverAndClient } from "../../testing/server-and-client.ts";
import type { FileClientOptions } from "./client-options.ts";
import { type FileClient, fileClient } from "./file-client.ts";
import { type Files, files } from "./files.ts";
import { memoryStore } from "./memory-store.ts";
import type { FilesOptions } from "./options.ts";
import type { Progress } from "./progress.ts";

interface World extends AsyncDisposable {
  readonly pair: ServerAndClient;
  readonly store: FileStore;
  readonly handle: Files;
  readonly client: FileClient;
}

async function world(
  options: Partial<FilesOptions> = {},
  own: FileClientOptions = {},
): Promise<World> {
  const store = options.store ?? memoryStore();
  const installed: Files[] = [];
  const pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    register: (server) =>
      installed.push(server.install(files({ chunkBytes: 10, ...options, store }))),
  });
  const [handle] = installed;
  if (!handle) throw new Error("nothing was installed");
  const client = pair.client.install(fileClient(own));
  return { pair, store, handle, client, [Symbol.asyncDispose]: () => pair.close() };
}

const CONTENT = Uint8Array.from({ length: 95 }, (_, at) => at);

async function put(store: FileStore, name: string, content: Uint8Array): Promise<void> {
  const draft = await store.create(name, content.length);
  await draft.write(0, content);
  await draft.commit(sha256(content));
}

function later() {
  let resolve: (value: unknown) => void = () => {};
  const promise = new Promise<unknown>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: (value: unknown) => resolve(value) };
}

function first<Item>(items: Iterable<Item>): Item {
  for (const item of items) return item;
  throw new Error("there is none");
}

it("uploads, lists and downloads", async () => {
  await using files = await world();
  const uploaded = await files.client.upload("a.bin", CONTENT);

  expect(uploaded).toMatchObject({ name: "a.bin", storedAs: "a.bin", size: 95 });
  expect(await files.client.list()).toEqual([{ name: "a.bin", size: 95 }]);
  expect(await files.client.download("a.bin")).toEqual(CONTENT);
});

it("takes a Blob, and an empty file", async () => {
  await using files = await world();
  await files.client.upload("blob.txt", new Blob(["some ", "text"]));
  await files.client.upload("empty", new Uint8Array());

  expect(new TextDecoder().decode(await files.client.download("blob.txt"))).toBe("some text");
  expect(await files.client.download("empty")).toHaveLength(0);
});

it("tells under which name a file is kept when its own is taken", async () => {
  await using files = await world();
  await files.client.upload("a.txt", CONTENT);
  const again = await files.client.upload("a.txt", CONTENT.subarray(1));

  expect(again.storedAs).toMatch(/^a_\d+\.txt$/);
  expect(await files.client.download(again.storedAs)).toEqual(CONTENT.subarray(1));
});

it("tells how far it is, both ways and on both ends", async () => {
  const seen: Progress[] = [];
  await using files = await world({ chunkBytes: 50, onProgress: (each) => seen.push(each) });
  const up: Progress[] = [];
  const down: Progress[] = [];
  await files.client.upload("a", CONTENT, { onProgress: (each) => up.push(each) });
  await files.client.download("a", { onProgress: (each) => down.push(each) });

  for (const told of [seen, up, down]) {
    expect(told.map(({ bytes, totalBytes }) => [bytes, totalBytes])).toEqual([
      [50, 95],
      [95, 95],
    ]);
    expect(told[1]).toMatchObject({ name: "a", percent: 100 });
  }
});

it("tells the server of each file that has come, and by whom", async () => {
  const onFileReceived = vi.fn();
  await using files = await world({ onFileReceived });
  await files.client.upload("a", CONTENT);
  const peer = first(files.pair.server.connections.values());

  expect(onFileReceived).toHaveBeenCalledExactlyOnceWith({ name: "a", size: 95 }, peer);
});

it("hands on a download piece by piece, in order", async () => {
  await using files = await world();
  await put(files.store, "a", CONTENT);
  const pieces: (readonly [number, number])[] = [];
  const done = await files.client.downloadTo("a", async (chunk, offset) => {
    pieces.push([offset, chunk.length]);
  });

  expect(pieces).toEqual(
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90].map((at) => [at, at < 90 ? 10 : 5]),
  );
  expect(done).toMatchObject({ name: "a", size: 95 });
});

it("notices a file that changes while it is downloaded", async () => {
  await using files = await world();
  await put(files.store, "a", CONTENT);
  const changing = files.client.downloadTo("a", async (_, offset) => {
    if (offset > 0) return;
    await files.store.remove("a");
    await put(files.store, "a", CONTENT.toReversed());
  });

  await expect(changing).rejects.toMatchObject({ code: "CONFLICT" });
});

it("says what is wrong by a code", async () => {
  await using files = await world({ maxFileBytes: 100 });
  const code = (each: string) => expect.objectContaining({ code: each });

  await expect(files.client.download("absent")).rejects.toEqual(code("NOT_FOUND"));
  await expect(files.client.upload("../up", CONTENT)).rejects.toEqual(code("INVALID_ARGUMENT"));
  await expect(files.client.upload("a", new Uint8Array(101))).rejects.toEqual(code("TOO_LARGE"));
  await put(files.store, "large", new Uint8Array(200));
  const small = files.pair.client.install(fileClient({ maxFileBytes: 100 }));
  await expect(small.download("large")).rejects.toEqual(code("TOO_LARGE"));
});

it("refuses a chunk that is no base64, and arguments of other types", async () => {
  await using files = await world();
  const call = (name: string, named: Record<string, unknown>) =>
    files.pair.client.call(name, named);
  const started = { filename: "a", size: 5, checksum: "00" };
  const { transfer_id } = (await call("file_upload_start", started)) as { transfer_id: string };

  expect(await call("file_upload_chunk", { transfer_id, chunk_index: 0, data_b64: "???" })).toEqual(
    { error: "Invalid chunk: it is not base64", code: "INVALID_ARGUMENT" },
  );
  for (const size of [-1, 1.5, "5", null, 2 ** 60]) {
    await expect(call("file_upload_start", { ...started, size })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  }
});

it("shows no file system's error to clients", async () => {
  const broken = new Proxy(memoryStore(), {
    get: () => () => {
      throw new Error("ENOENT /srv/secret");
    },
  });
  await using files = await world({ store: broken });

  await expect(files.client.download("a")).rejects.toMatchObject({
    code: "INTERNAL",
    message: expect.not.stringContaining("secret"),
  });
});

it("keeps transfers from other peers, and forgets those of a peer that has gone", async () => {
  await using files = await world({ maxTransfersPerPeer: 1, maxTransfers: 1 });
  const started = { filename: "a", size: 5, checksum: "00" };
  const other = await files.pair.connect();
  const begun = (await other.call("file_upload_start", started)) as { transfer_id: string };
  const complete = { transfer_id: begun.transfer_id };

  expect(await files.pair.client.call("file_upload_complete", complete)).toEqual({
    error: "Transfer not found",
  });
  await expect(files.client.upload("b", CONTENT)).rejects.toMatchObject({ code: "RATE_LIMITED" });
  const gone = new Promise((resolve) => files.pair.server.onDisconnect(resolve));
  await other.close();
  await gone;
  expect(await files.client.upload("b", CONTENT)).toMatchObject({ storedAs: "b" });
});

it("can be for reading alone, or for those with a scope", async () => {
  await using reading = await world({ uploads: false });
  await using scoped = await world({ downloads: { scopes: ["reader"] } });

  await expect(reading.client.upload("a", CONTENT)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(scoped.client.list()).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
});

it("ends a transfer that is given up", async () => {
  await using files = await world({ chunkBytes: 1 });
  const leaving = new AbortController();
  const uploading = files.client.upload("a", CONTENT, {
    signal: leaving.signal,
    onProgress: () => leaving.abort(),
  });

  await expect(uploading).rejects.toMatchObject({ code: "CANCELLED" });
  expect(await files.client.list()).toEqual([]);
});

it("sends a file to a client that takes files", async () => {
  const received = later();
  const seen: Progress[] = [];
  await using files = await world(
    {},
    { onFileReceived: received.resolve, onProgress: (each) => seen.push(each) },
  );
  await put(files.store, "push.bin", CONTENT);
  await files.pair.client.call("file_list");
  const peer = first(files.pair.server.connections.values());
  const told: number[] = [];
  const sent = await files.handle.sendTo(peer, "push.bin", {
    onProgress: ({ bytes }) => told.push(bytes),
  });

  expect(await received.promise).toEqual({ name: "push.bin", size: 95 });
  expect(await files.client.store.read("push.bin", 0, 100)).toEqual(CONTENT);
  expect(sent).toMatchObject({ name: "push.bin", size: 95 });
  expect(told).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 95]);
  expect(seen.at(-1)).toMatchObject({ percent: 100 });
});

it("sends what is in no store", async () => {
  const received = later();
  await using files = await world({}, { onFileReceived: received.resolve });
  await files.pair.client.call("file_list");
  const peer = first(files.pair.server.connections.values());
  await files.handle.sendTo(peer, "note.txt", { content: new Blob(["hello"]) });

  expect(await received.promise).toEqual({ name: "note.txt", size: 5 });
});

it("does not wait for ever for a client that takes no files", async () => {
  await using files = await world({ transferTimeoutMs: 20 });
  await put(files.store, "a", CONTENT);
  const peer = first(files.pair.server.connections.values());

  await expect(files.handle.sendTo(peer, "a")).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await expect(files.handle.sendTo(peer, "absent")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it.each<readonly [string, Record<string, unknown>]>([
  ["a name that leads elsewhere", { filename: "../a" }],
  ["a size that is none", { size: "5" }],
  ["a size beyond the bounds", { size: 1_000 }],
])("takes no file with %s from a server", async (_, wrong) => {
  const acknowledged = vi.fn();
  await using files = await world({}, { maxFileBytes: 100, onFileReceived: () => {} });
  files.pair.server.onEvent("file_incoming_ack", acknowledged);
  await files.pair.client.call("file_list");
  const peer = first(files.pair.server.connections.values());
  const incoming = { transfer_id: "1", filename: "a", size: 5, checksum: "", ...wrong };
  await peer.emit("file_incoming", incoming);
  await peer.emit("file_chunk", { transfer_id: "1", chunk_index: 0, data_b64: "AAAA" });
  await files.pair.client.call("file_list");

  expect(acknowledged).not.toHaveBeenCalled();
});

it("refuses options that make no sense", () => {
  const store = memoryStore();

  expect(() => files({ store, chunkBytes: 0 })).toThrow("chunkBytes is 0");
  expect(() => files({ store, maxTransfers: 1.5 })).toThrow("maxTransfers is 1.5");
  expect(() => files({ store, transferTimeoutMs: 0 })).toThrow("transferTimeoutMs is 0");
  expect(() => fileClient({ maxFileBytes: -1 })).toThrow("maxFileBytes is -1");
});
