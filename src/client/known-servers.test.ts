import { mkdtemp, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { decodeHex, encodeHex } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type KnownServersOptions, knownServersIn } from "./known-servers.node.ts";
import { formatSeen, type KeyText, parseSeen, serverName } from "./known-servers-text.ts";
import { trustFor } from "./trust.ts";

const HEX: KeyText = {
  format: encodeHex,
  parse(text) {
    const key = decodeHex(text);
    if (key?.length === 32) return key;
    throw new SealwireError("INVALID_ARGUMENT", "no key");
  },
};
const KEY = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);
const LOCAL = new URL("tcp://127.0.0.1:7000");
const FAR = new URL("tcp://server.example:7000");

let folder = "";
let file = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sealwire-known-"));
  file = join(folder, "new", "known.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function known(options: KnownServersOptions = {}) {
  const told: string[] = [];
  return { told, ...knownServersIn({ file, tell: (line) => told.push(line), ...options }, HEX) };
}

it("remembers a server on loopback at first sight, tells it, and finds it again", async () => {
  const first = known();
  expect(await first.find(LOCAL)).toEqual([]);
  expect(await first.accept(LOCAL, KEY)).toBe(true);
  expect(first.told).toEqual([`remembered the key of tcp://127.0.0.1:7000: ${HEX.format(KEY)}`]);
  expect(await known().find(LOCAL)).toEqual([KEY]);
  expect(await known().find(new URL("tcp://127.0.0.1:7001"))).toEqual([]);
});

it("keeps the file from everybody but its owner", async () => {
  await known().accept(LOCAL, KEY);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it("refuses an unknown server beyond loopback, and writes nothing", async () => {
  expect(await known().accept(FAR, KEY)).toBe(false);
  await expect(readFile(file)).rejects.toThrow("ENOENT");
});

it("remembers an unknown server when new ones are accepted", async () => {
  expect(await known({ acceptNew: true }).accept(FAR, KEY)).toBe(true);
  expect(await known().find(FAR)).toEqual([KEY]);
});

it("asks a person where there is one, showing the fingerprint", async () => {
  const questions: string[] = [];
  const answering = (yes: boolean) => async (question: string) => {
    questions.push(question);
    return yes;
  };
  expect(await known({ ask: answering(false) }).accept(FAR, KEY)).toBe(false);
  expect(await known({ ask: answering(true) }).accept(FAR, KEY)).toBe(true);
  expect(questions[0]).toContain(HEX.format(KEY));
});

it("never adds a second key to a server that has become known meanwhile", async () => {
  await known().remember(FAR, KEY);
  await expect(known({ acceptNew: true }).accept(FAR, OTHER)).rejects.toMatchObject({
    code: "CONFLICT",
  });
  expect(await known().find(FAR)).toEqual([KEY]);
});

it("loses no entry when many programs write at the same time", async () => {
  const servers = Array.from({ length: 12 }, (_, port) => new URL(`tcp://127.0.0.1:${port + 1}`));
  await Promise.all(servers.map((server) => known().accept(server, KEY)));
  const found = await Promise.all(servers.map((server) => known().find(server)));
  expect(found).toEqual(servers.map(() => [KEY]));
});

it("takes over from a program that died while writing", async () => {
  await known().accept(LOCAL, KEY);
  await writeFile(`${file}.new`, "half");
  await utimes(`${file}.new`, 0, 0);
  expect(await known().accept(FAR, KEY)).toBe(false);
  await known().remember(FAR, KEY);
  expect(await known().find(FAR)).toEqual([KEY]);
});

it("accepts with a warning where nothing can be written", async () => {
  const nowhere = known({ file: "/dev/null/known.json" });
  await expect(nowhere.find(LOCAL)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(await nowhere.accept(LOCAL, KEY)).toBe(true);
  expect(nowhere.told[0]).toContain("could not remember");
});

it("names the file and the entry that it cannot read", async () => {
  await known().remember(LOCAL, KEY);
  await writeFile(file, '{"version":1,"servers":{"tcp://a:1":["zz"]}}');
  await expect(known().find(LOCAL)).rejects.toThrow(`${file}, server "tcp://a:1", has a bad key`);
  await writeFile(file, "{");
  await expect(known().find(LOCAL)).rejects.toThrow(`${file} is not JSON`);
});

it("says where to forget a key when a server shows another one", async () => {
  await known().remember(LOCAL, KEY);
  const trust = await trustFor(LOCAL, [], known());
  await expect(trust.trusts(OTHER)).rejects.toThrow(`remove its entry from ${file}`);
});

it("tells servers apart by scheme, host and port, whatever their spelling", () => {
  expect(serverName(new URL("ws://Host.example"))).toBe("ws://host.example:80");
  expect(serverName(new URL("wss://host.example/path"))).toBe("wss://host.example:443");
  expect(serverName(new URL("tcp://HOST.example:9"))).toBe("tcp://host.example:9");
});

it("reads what it wrote, whatever the names", () => {
  const seen = fc
    .array(fc.tuple(fc.string(), fc.uint8Array({ minLength: 32, maxLength: 32 })))
    .map((entries) => new Map(entries.map(([name, key]) => [name, [new Uint8Array(key)]])));
  fc.assert(
    fc.property(seen, (servers) => {
      expect(parseSeen("f", formatSeen(servers, HEX), HEX)).toEqual(servers);
    }),
  );
});

it("refuses garbage with a code and never with anything else", () => {
  const text = fc.oneof(fc.string(), fc.json());
  fc.assert(
    fc.property(text, (content) => {
      try {
        parseSeen("f", content, HEX);
      } catch (error) {
        expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
      }
    }),
  );
});
