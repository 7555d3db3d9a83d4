import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseApiKey } from "../../src/crypto/api-key-text.ts";
import { parsePublicKey, parseSecretKey } from "../../src/crypto/keys.ts";
import { secretBits } from "../../src/crypto/secret-strength.ts";
import { BIN, Place, type Serving } from "./program.ts";

const place = new Place();
const env = { SEALWIRE_TOKEN: "tok" };
let server: Serving;
beforeAll(async () => {
  server = await place.serve(["--token", "tim:tok"]);
});
afterAll(() => place.close());

it("lists what the caller may call", async () => {
  const anonymously = await place.run(["list", server.url]);
  const proven = await place.run(["list", server.url, "--json"], { env });
  expect(anonymously.out).toBe("greet  public  Greets.\n");
  const names = JSON.parse(proven.out).map(({ name }: { readonly name: string }) => name);
  expect(names).toContain("add");
  expect(names).not.toContain("erase");
  expect(proven.out).not.toContain("$");
});

it("describes a procedure, and does not tell of one that may not be called", async () => {
  const greet = await place.run(["describe", server.url, "greet"]);
  const erase = await place.run(["describe", server.url, "erase"], { env });
  expect(greet.out).toContain("Greets.\n  who may call    everybody\n");
  expect(erase).toMatchObject({ code: 1, err: expect.stringContaining("NOT_FOUND: ") });
});

it("measures round trips", async () => {
  const { code, out } = await place.run(["ping", server.url, "--count", "2", "--interval", "1"]);
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^(\d+\.\d\d ms\n){2}$/) });
});

it("prints events as they come, one a line, until it has enough", async () => {
  const watching = place.start(["watch", server.url, "tick", "--count", "2"], { env });
  await watching.line("watching tick");
  await place.run(["call", server.url, "tick", '{"n":1}'], { env });
  await place.run(["call", server.url, "tick", "two"], { env });
  expect(await watching.ended).toMatchObject({ code: 0, out: '{"n":1}\n"two"\n' });
});

it("watches until Ctrl-C, which is no failure", async () => {
  const watching = place.start(["watch", server.url, "tick"], { env });
  await watching.line("watching tick");
  watching.child.kill("SIGINT");
  expect((await watching.ended).code).toBe(0);
});

it("does not let those watch who may not", async () => {
  const { code, err } = await place.run(["watch", server.url, "tick"]);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("UNAUTHENTICATED: ") });
});

it("makes key pairs, API keys and secrets that hold", async () => {
  const pair = JSON.parse((await place.run(["keygen", "--json"])).out);
  const key = JSON.parse((await place.run(["keygen", "--api-key", "7", "--json"])).out);
  const secret = (await place.run(["keygen", "--secret"])).out.trim();
  expect(parseSecretKey(pair.secretKey)).toHaveLength(32);
  expect(parsePublicKey(pair.publicKey)).toHaveLength(32);
  expect(parseApiKey(key.key)).toMatchObject({ kind: "generated", keyId: key.keyId });
  expect(key.user).toBe(7);
  expect(secretBits(secret)).toBeGreaterThan(128);
});

it("writes a secret for its owner alone, and never over another", async () => {
  const first = await place.run(["keygen", "--out", "pair.key"]);
  const again = await place.run(["keygen", "--out", "pair.key"]);
  expect(first.out).toMatch(/^swpub_\S+\n$/);
  expect(statSync(place.path("pair.key")).mode & 0o777).toBe(0o600);
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining("ALREADY_EXISTS: ") });
  expect(parseSecretKey(readFileSync(place.path("pair.key"), "utf8"))).toHaveLength(32);
});

it("adds, lists and revokes keys, and keeps no key in the file", async () => {
  const add = ["keys", "add", "k.json", "--user", "ann", "--scope", "a", "--scope", "b"];
  const { out } = await place.run([...add, "--expires", "30d"]);
  const key = parseApiKey(out.trim());
  const keyId = key.kind === "generated" ? key.keyId : "";
  expect(readFileSync(place.path("k.json"), "utf8")).not.toContain(out.trim().slice(12, 40));
  expect((await place.run(["keys", "list", "k.json"])).out).toMatch(
    new RegExp(`^${keyId}  ann  a b  expires \\d{4}-`),
  );
  expect(await place.run(["keys", "revoke", "k.json", keyId])).toMatchObject({ code: 0 });
  expect((await place.run(["keys", "list", "k.json"])).out).toBe("");
  expect(await place.run(["keys", "revoke", "k.json", keyId])).toMatchObject({
    code: 1,
    err: expect.stringContaining("NOT_FOUND: "),
  });
});

it.each(["soon", "2001-01-01", "5w"])("refuses the expiry %s", async (when) => {
  const { code, err } = await place.run([
    "keys",
    "add",
    "x.json",
    "--user",
    "a",
    "--expires",
    when,
  ]);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("--expires") });
});

it.each(["bash", "zsh", "fish"])("prints a completion script for %s", async (shell) => {
  const { code, out } = await place.run(["completion", shell]);
  expect(code).toBe(0);
  expect(out).toContain("revoke");
  expect(out).toMatch(/accept-new/);
});

it("reads --env-file itself, before Node can when it starts by its name", () => {
  const args = ["call", "tcp://127.0.0.1:1", "x", "--env-file", "absent.env"];
  const { status, stderr } = spawnSync(BIN, args, { cwd: place.folder, encoding: "utf8" });
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringContaining("cannot read the file of --env-file, absent.env"),
  });
});

it("shows help with examples, and its version, without colours outside a terminal", async () => {
  const help = await place.run(["--help"]);
  const version = await place.run(["--version"]);
  expect(help).toMatchObject({ code: 0, err: "", out: expect.stringContaining("Examples:") });
  expect(help.out).not.toContain("\u001b");
  expect(version.out).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
});
