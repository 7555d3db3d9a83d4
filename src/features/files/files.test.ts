import { expect, it, vi } from "vitest";
import { CONTENT, fileWorld, first, put } from "../../../test/features/file-world.ts";
import { fileClient } from "./file-client.ts";
import { files } from "./files.ts";
import { memoryStore } from "./memory-store.ts";
import type { Progress } from "./progress.ts";

it("uploads, lists and downloads", async () => {
  await using files = await fileWorld();
  const uploaded = await files.client.upload("a.bin", CONTENT);

  expect(uploaded).toMatchObject({ name: "a.bin", storedAs: "a.bin", size: 95 });
  expect(await files.client.list()).toEqual([{ name: "a.bin", size: 95 }]);
  expect(await files.client.download("a.bin")).toEqual(CONTENT);
});

it("takes a Blob, and an empty file", async () => {
  await using files = await fileWorld();
  await files.client.upload("blob.txt", new Blob(["some ", "text"]));
  await files.client.upload("empty", new Uint8Array());

  expect(new TextDecoder().decode(await files.client.download("blob.txt"))).toBe("some text");
  expect(await files.client.download("empty")).toHaveLength(0);
});

it("tells under which name a file is kept when its own is taken", async () => {
  await using files = await fileWorld();
  await files.client.upload("a.txt", CONTENT);
  const again = await files.client.upload("a.txt", CONTENT.subarray(1));

  expect(again.storedAs).toMatch(/^a_\d+\.txt$/);
  expect(await files.client.download(again.storedAs)).toEqual(CONTENT.subarray(1));
});

it("tells how far it is, both ways and on both ends", async () => {
  const seen: Progress[] = [];
  await using files = await fileWorld({ chunkBytes: 50, onProgress: (each) => seen.push(each) });
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
  await using files = await fileWorld({ onFileReceived });
  await files.client.upload("a", CONTENT);
  const peer = first(files.pair.server.connections.values());

  expect(onFileReceived).toHaveBeenCalledExactlyOnceWith({ name: "a", size: 95 }, peer);
});

it("hands on a download piece by piece, in order", async () => {
  await using files = await fileWorld();
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
  await using files = await fileWorld();
  await put(files.store, "a", CONTENT);
  const changing = files.client.downloadTo("a", async (_, offset) => {
    if (offset > 0) return;
    await files.store.remove("a");
    await put(files.store, "a", CONTENT.toReversed());
  });

  await expect(changing).rejects.toMatchObject({ code: "CONFLICT" });
});

it("says what is wrong by a code", async () => {
  await using files = await fileWorld({ maxFileBytes: 100 });
  const code = (each: string) => expect.objectContaining({ code: each });

  await expect(files.client.download("absent")).rejects.toEqual(code("NOT_FOUND"));
  await expect(files.client.upload("../up", CONTENT)).rejects.toEqual(code("INVALID_ARGUMENT"));
  await expect(files.client.upload("a", new Uint8Array(101))).rejects.toEqual(code("TOO_LARGE"));
  await put(files.store, "large", new Uint8Array(200));
  const small = files.pair.client.install(fileClient({ maxFileBytes: 100 }));
  await expect(small.download("large")).rejects.toEqual(code("TOO_LARGE"));
});

it("refuses a chunk that is no base64, and arguments of other types", async () => {
  await using files = await fileWorld();
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
  await using files = await fileWorld({ store: broken });

  await expect(files.client.download("a")).rejects.toMatchObject({
    code: "INTERNAL",
    message: expect.not.stringContaining("secret"),
  });
});

it("keeps transfers from other peers, and forgets those of a peer that has gone", async () => {
  await using files = await fileWorld({ maxTransfersPerPeer: 1, maxTransfers: 1 });
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
  await using reading = await fileWorld({ uploads: false });
  await using scoped = await fileWorld({ downloads: { scopes: ["reader"] } });

  await expect(reading.client.upload("a", CONTENT)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(scoped.client.list()).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
});

it("ends a transfer that is given up", async () => {
  await using files = await fileWorld({ chunkBytes: 1 });
  const leaving = new AbortController();
  const uploading = files.client.upload("a", CONTENT, {
    signal: leaving.signal,
    onProgress: () => leaving.abort(),
  });

  await expect(uploading).rejects.toMatchObject({ code: "CANCELLED" });
  expect(await files.client.list()).toEqual([]);
});

it("refuses options that make no sense", () => {
  const store = memoryStore();

  expect(() => files({ store, chunkBytes: 0 })).toThrow("chunkBytes is 0");
  expect(() => files({ store, maxTransfers: 1.5 })).toThrow("maxTransfers is 1.5");
  expect(() => files({ store, transferTimeoutMs: 0 })).toThrow("transferTimeoutMs is 0");
  expect(() => fileClient({ maxFileBytes: -1 })).toThrow("maxFileBytes is -1");
});
