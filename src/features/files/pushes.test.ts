import { expect, it, vi } from "vitest";
import { CONTENT, fileWorld, first, put } from "../../../test/features/file-world.ts";
import type { Progress } from "./progress.ts";

it("sends a file to a client that takes files", async () => {
  const received = later();
  const seen: Progress[] = [];
  await using files = await fileWorld(
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
  await using files = await fileWorld({}, { onFileReceived: received.resolve });
  await files.pair.client.call("file_list");
  const peer = first(files.pair.server.connections.values());
  await files.handle.sendTo(peer, "note.txt", { content: new Blob(["hello"]) });

  expect(await received.promise).toEqual({ name: "note.txt", size: 5 });
});

it("does not wait for ever for a client that takes no files", async () => {
  await using files = await fileWorld({ transferTimeoutMs: 20 });
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
  await using files = await fileWorld({}, { maxFileBytes: 100, onFileReceived: () => {} });
  files.pair.server.onEvent("file_incoming_ack", acknowledged);
  await files.pair.client.call("file_list");
  const peer = first(files.pair.server.connections.values());
  const incoming = { transfer_id: "1", filename: "a", size: 5, checksum: "", ...wrong };
  await peer.emit("file_incoming", incoming);
  await peer.emit("file_chunk", { transfer_id: "1", chunk_index: 0, data_b64: "AAAA" });
  await files.pair.client.call("file_list");

  expect(acknowledged).not.toHaveBeenCalled();
});

function later() {
  let resolve: (value: unknown) => void = () => {};
  const promise = new Promise<unknown>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: (value: unknown) => resolve(value) };
}
