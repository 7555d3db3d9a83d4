import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SealwireError } from "../core/model/errors.ts";
import { nodeCryptoProvider } from "../crypto/providers/node.node.ts";
import { apiKeyRecord } from "./api-keys.ts";
import { addKey, addKeyRecord, listKeys, loadKeys, revokeKey } from "./key-file.node.ts";

const derivation = { provider: nodeCryptoProvider() };
let folder: string;
let path: string;
let end: AbortController;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sealwire-keys-"));
  path = join(folder, "keys.json");
  end = new AbortController();
});

afterEach(async () => {
  end.abort();
  await rm(folder, { recursive: true });
});

test("an added key is listed with its user, scopes and time, and nothing secret", async () => {
  const { key, record } = await addKey(path, { user: 1, scopes: ["admin"] }, derivation);
  expect(await listKeys(path)).toEqual([record]);
  expect(record).toMatchObject({ user: 1, keyId: key.slice(3, 11) });
  expect(await readFile(path, "utf8")).not.toContain(key.slice(12, 55));
});

test("the file is for its owner alone, and nothing is left beside it", async () => {
  await addKey(path, { user: "ann" }, derivation);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["keys.json"]);
});

test("keys that somebody has already can be added, once", async () => {
  const record = await apiKeyRecord("abc123", { user: "ann" }, derivation);
  await addKeyRecord(path, record);
  await expect(addKeyRecord(path, record)).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  expect(await listKeys(path)).toHaveLength(1);
  expect(await readdir(folder)).toEqual(["keys.json"]);
});

test("a revoked key is gone, the others stay", async () => {
  const [first, second] = [
    await addKey(path, { user: "ann" }, derivation),
    await addKey(path, { user: "bob" }, derivation),
  ];
  await revokeKey(path, first.record.keyId ?? "");
  expect(await listKeys(path)).toEqual([second.record]);
  await expect(revokeKey(path, "nothing")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a server that holds the file notices a revocation and an addition", async () => {
  const { record } = await addKey(path, { user: "ann" }, derivation);
  const store = await loadKeys(path, { pollMs: 5, signal: end.signal });
  const revoked = store.find(record.publicKey)?.principal.revoked;
  if (revoked === undefined) throw new Error("the key was not loaded");
  const withdrawn = new Promise((resolve) => revoked.addEventListener("abort", resolve));
  await revokeKey(path, record.keyId ?? "");
  await withdrawn;
  expect(store.find(record.publicKey)).toBeUndefined();
  const added = await addKey(path, { user: "bob" }, derivation);
  await expect.poll(() => store.find(added.record.publicKey)?.principal.id).toBe("bob");
});

test("a file that becomes unusable is told, and the keys from before go on", async () => {
  const { record } = await addKey(path, { user: "ann" }, derivation);
  const failure = new Promise<SealwireError>((resolve) => {
    loadKeys(path, { pollMs: 5, signal: end.signal, onError: resolve }).then((store) => {
      expect(store.find(record.publicKey)?.principal.id).toBe("ann");
      return writeFile(path, "{");
    });
  });
  expect(await failure).toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("a missing file is said to be missing", async () => {
  const message = `there is no key file ${path}`;
  await expect(loadKeys(path)).rejects.toMatchObject({ code: "NOT_FOUND", message });
  await expect(revokeKey(path, "x")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("two programs cannot change the file at once", async () => {
  await writeFile(`${path}.new`, "");
  await expect(addKey(path, { user: "ann" }, derivation)).rejects.toMatchObject({
    code: "CONFLICT",
  });
  expect(await readdir(folder)).toEqual(["keys.json.new"]);
});

test.each([
  ["API_KEY=topsecret", "is not JSON"],
  ["[]", 'must be an object with "version" and "keys"'],
  ['{"version":2,"keys":[]}', "is of version 2; this program reads 1"],
  ['{"version":1}', 'must have a list "keys"'],
  ['{"version":1,"keys":[null]}', "entry 1, must be an object"],
  ['{"version":1,"keys":[{"publicKey":"swpub_x"}]}', 'entry 1, must have a "user"'],
  ['{"version":1,"keys":[{"publicKey":"swpub_x","user":1}]}', 'entry 1, has a bad "publicKey"'],
  ['{"version":1,"keys":[{"publicKey":"x","user":1,"scopes":[1]}]}', 'has "scopes" that are not'],
])("%s is refused, with file and reason", async (text, reason) => {
  await writeFile(path, text);
  const error = await listKeys(path).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
  expect(String(error)).toContain(path);
  expect(String(error)).toContain(reason);
  expect(String(error)).not.toContain("topsecret");
});
