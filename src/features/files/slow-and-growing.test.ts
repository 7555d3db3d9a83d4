import { openAsBlob } from "node:fs";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CONTENT, fileWorld } from "../../../test/features/file-world.ts";
import { folderStore } from "./folder-store.node.ts";

it("says so when a file grows while it is uploaded, and nothing of it appears", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sealwire-growing-"));
  await using files = await fileWorld({ store: folderStore({ folder: join(folder, "kept") }) });
  const path = join(folder, "log.txt");
  await writeFile(path, CONTENT);
  const content = await openAsBlob(path);
  const uploading = files.client.upload("log.txt", content, {
    onProgress: ({ bytes }) => bytes === 20 && appendFile(path, "one more line"),
  });

  await expect(uploading).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringContaining("changed while it was read"),
  });
  expect(await files.client.list()).toEqual([]);
  await rm(folder, { recursive: true });
});

it("says so when a file grows while it is downloaded", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sealwire-growing-"));
  await using files = await fileWorld({ store: folderStore({ folder }) });
  await files.client.upload("log.txt", CONTENT);
  const { store } = files.client;
  const first = files.client.downloadInto(store, "log.txt", {
    onProgress: ({ bytes }) => bytes === 20 && appendFile(join(folder, "log.txt"), "one more line"),
  });

  // What was announced is what comes: the line that came later is not part of it.
  expect(await first).toMatchObject({ size: 95 });
  expect(await files.client.downloadInto(store, "log.txt")).toMatchObject({ size: 108 });
  await rm(folder, { recursive: true });
});

it("has few chunks on their way at once, however slow the other end is", async () => {
  let [open, most] = [0, 0];
  await using files = await fileWorld();
  files.pair.server.use(async (call, next) => {
    if (!call.procedure.endsWith("_chunk")) return next(call);
    open += 1;
    most = Math.max(most, open);
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
    return next(call);
  });
  await files.client.upload("a", CONTENT);
  const asked: number[] = [];
  files.pair.server.use((call, next) => {
    asked.push(Number(call.args.named["chunk_index"]));
    return next(call);
  });
  await files.client.downloadTo("a", async (_, offset) => {
    await new Promise((resolve) => setImmediate(resolve));
    expect(Math.max(...asked.filter((index) => index >= 0))).toBeLessThanOrEqual(offset / 10 + 4);
  });

  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(4);
});
