import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { PartFile } from "./part-file.ts";

const folder = mkdtempSync(join(tmpdir(), "sealwire-part-"));
const content = new Uint8Array(300_000).map((_, at) => at % 251);
const sha256 = createHash("sha256").update(content).digest("hex");
const file = { name: "big.bin", size: content.length, sha256 };

afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});

test("gets its name when it is whole, and not before", async () => {
  const part = await PartFile.open(folder, file);
  await part.add(content.subarray(0, 100_000));
  expect(readdirSync(folder)).not.toContain("big.bin");
  await part.add(content.subarray(100_000));
  const path = await part.commit();
  expect(path).toBe(join(folder, "big.bin"));
  expect(createHash("sha256").update(readFileSync(path)).digest("hex")).toBe(sha256);
  expect(readdirSync(folder)).toEqual(["big.bin"]);
});

test("goes on where an earlier try has ended", async () => {
  const first = await PartFile.open(folder, file);
  await first.add(content.subarray(0, 123_456));
  await first.close();
  const second = await PartFile.open(folder, file);
  expect(second.bytes).toBe(123_456);
  await second.add(content.subarray(123_456));
  await expect(second.commit()).resolves.toBe(join(folder, "big.bin"));
});

test("does not take the place of a file that is there", async () => {
  writeFileSync(join(folder, "big.bin"), "mine");
  const part = await PartFile.open(folder, file);
  await part.add(content);
  const path = await part.commit();
  expect(path).toMatch(/big_\d+\.bin$/);
  expect(readFileSync(join(folder, "big.bin"), "utf8")).toBe("mine");
});

test("refuses what is longer than was told, and throws away what is another content", async () => {
  const part = await PartFile.open(folder, file);
  await expect(part.add(new Uint8Array(300_001))).rejects.toMatchObject({ code: "TOO_LARGE" });
  await part.add(new Uint8Array(300_000));
  await expect(part.commit()).rejects.toMatchObject({ code: "CONFLICT" });
  expect(readdirSync(folder)).toEqual([]);
});

test("says which folder cannot be written into, and why", async () => {
  const gone = join(folder, "gone");
  await expect(PartFile.open(gone, file)).rejects.toMatchObject({
    code: "PERMISSION_DENIED",
    message: expect.stringContaining(`${gone}: there is no such file or folder`),
  });
});
