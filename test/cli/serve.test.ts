import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeCertificate, makeSigned } from "../conformance/certificate.ts";
import { Place, SERVED } from "./program.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.close());

const env = { SEALWIRE_TOKEN: "tok" };
const TOKEN = ["--token", "tim:tok"];

it("prints one line for each listener and nothing else on standard output", async () => {
  const server = await place.serve(["--listen", "ws://127.0.0.1:0", ...TOKEN]);
  const overWebSocket = (await server.line("listening ws:")).slice("listening ".length);
  const { out } = await place.run(["call", overWebSocket, "add", "2", "3"], { env });
  server.child.kill("SIGTERM");
  const ended = await server.ended;
  expect(out).toBe("5\n");
  expect(ended.code).toBe(0);
  expect(ended.out).toMatch(/^listening tcp:\S+\nlistening ws:\S+\n$/);
  expect(ended.err).not.toContain("tok\n");
});

it("lets a running call end after SIGTERM, and then ends with 0", async () => {
  const server = await place.serve(TOKEN);
  const call = place.run(["call", server.url, "atEnd"], { env });
  await server.line("atEnd runs");
  server.child.kill("SIGTERM");
  expect(await call).toMatchObject({ code: 0, out: '"finished"\n' });
  expect((await server.ended).code).toBe(0);
});

it("ends at once at the second signal", async () => {
  const server = await place.serve(TOKEN);
  const call = place.run(["call", server.url, "hang"], { env });
  await server.line("hang runs");
  server.child.kill("SIGTERM");
  await server.line("ending:");
  server.child.kill("SIGTERM");
  expect((await server.ended).code).toBe(143);
  expect((await call).code).toBe(1);
});

it("drains on Ctrl-C too, and cuts off what lasts longer than --drain", async () => {
  const server = await place.serve([...TOKEN, "--drain", "50"]);
  const call = place.run(["call", server.url, "hang"], { env });
  await server.line("hang runs");
  server.child.kill("SIGINT");
  expect((await server.ended).code).toBe(0);
  expect(await call).toMatchObject({ code: 1, err: expect.stringContaining("UNAVAILABLE") });
});

it("keeps its fingerprint when it starts again", async () => {
  const first = await place.serve([]);
  const second = await place.serve([]);
  const other = await place.serve(["--identity", "new.key"]);
  expect(second.fingerprint).toBe(first.fingerprint);
  expect(other.fingerprint).not.toBe(first.fingerprint);
});

it("closes the connections of a key that is revoked in its file", async () => {
  const added = await place.run(["keys", "add", "keys.json", "--user", "ann", "--json"]);
  const { key, keyId } = JSON.parse(added.out);
  const server = await place.serve(["--keys", "keys.json"]);
  const watching = place.start(["watch", server.url, "tick"], { env: { SEALWIRE_KEY: key } });
  await watching.line("watching tick");
  expect(await place.run(["keys", "revoke", "keys.json", keyId])).toMatchObject({ code: 0 });
  const { code, err } = await watching.ended;
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("UNAUTHENTICATED: ") });
});

it("gives .env to the module, but never over the environment", async () => {
  writeFileSync(place.path("a.env"), "FROM_FILE=file\nFROM_BOTH=file\n");
  const server = await place.serve([...TOKEN, "--env-file", "a.env"], {
    env: { FROM_BOTH: "environment" },
  });
  const setting = (name: string) => place.run(["call", server.url, "setting", name], { env });
  expect((await setting("FROM_FILE")).out).toBe('"file"\n');
  expect((await setting("FROM_BOTH")).out).toBe('"environment"\n');
});

it("writes a line for each handshake, call and failure, and never a secret", async () => {
  const server = await place.serve([...TOKEN, "--log-level", "debug"]);
  await place.run(["call", server.url, "whisper", "hush"], { env });
  await place.run(["call", server.url, "greet"], { env: { SEALWIRE_TOKEN: "wrong-one" } });
  expect(await server.line("connected")).toContain("principal=tim");
  expect(await server.line("call procedure=whisper")).toContain("DEBUG");
  expect(await server.line("a handshake failed")).toContain("UNAUTHENTICATED");
  server.child.kill("SIGTERM");
  expect((await server.ended).err).not.toMatch(/hush|wrong-one/);
});

it("does not start without the file of --env-file", async () => {
  const { code, err } = await place.run(["serve", SERVED, "--env-file", "absent.env"]);
  // Node 20 takes this option for one of its own wherever it stands, and ends with 9.
  expect([2, 9]).toContain(code);
  expect(err).toContain("absent.env");
});

it("speaks over TLS with a certificate that the client is told to trust", async () => {
  const { cert, key } = makeCertificate();
  writeFileSync(place.path("cert.pem"), cert);
  writeFileSync(place.path("key.pem"), key, { mode: 0o600 });
  const tls = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];
  const server = await place.serve(["--listen", "tls://127.0.0.1:0", ...tls]);
  const url = (await server.line("listening tls:")).slice("listening ".length);
  const trusted = await place.run(["call", url, "greet", "--tls-ca", "cert.pem"]);
  expect(trusted).toMatchObject({ code: 0, out: '"hello you"\n' });
  expect((await place.run(["call", url, "greet"])).code).toBe(3);
});

it("lets in those alone whose certificate --tls-client-ca has signed", async () => {
  const [own, authority] = [makeCertificate(), makeCertificate("DNS:authority.example")];
  const { cert, key } = makeSigned(authority);
  const files = { "cert.pem": own.cert, "key.pem": own.key, "ca.pem": authority.cert };
  for (const [name, text] of Object.entries({ ...files, "ann.pem": cert, "ann.key": key })) {
    writeFileSync(place.path(name), text, { mode: 0o600 });
  }
  const tls = ["--tls-cert", "cert.pem", "--tls-key", "key.pem", "--tls-client-ca", "ca.pem"];
  const server = await place.serve(["--listen", "tls://127.0.0.1:0", ...tls]);
  const url = (await server.line("listening tls:")).slice("listening ".length);
  const greet = ["call", url, "greet", "--tls-ca", "cert.pem"];
  const shown = await place.run([...greet, "--tls-cert", "ann.pem", "--tls-key", "ann.key"]);
  expect(shown).toMatchObject({ code: 0, out: '"hello you"\n' });
  expect((await place.run(greet)).code).toBe(3);
  const half = await place.run([...greet, "--tls-cert", "ann.pem"]);
  expect(half).toMatchObject({ code: 2, err: expect.stringContaining("belong together") });
});

it("warns of a key that could be guessed", async () => {
  const server = await place.serve(["--api-key", "ann:abc123"]);
  expect(await server.line("could be guessed")).toContain('warning: the API key of "ann"');
});

it("serves an object of functions, in JavaScript, without sealwire installed beside it", async () => {
  writeFileSync(
    place.path("plain.mjs"),
    `import { SealwireError } from "sealwire";
     export default { twice: (n) => 2 * n, refuse() { throw new SealwireError("CONFLICT", "no"); } };`,
  );
  const args = ["serve", "plain.mjs", "--listen", "tcp://127.0.0.1:0", ...TOKEN];
  const url = (await place.start(args).line("listening tcp:")).slice("listening ".length);
  expect((await place.run(["call", url, "twice", "21"], { env })).out).toBe("42\n");
  expect((await place.run(["call", url, "refuse"], { env })).err).toContain("CONFLICT: no");
});

it("ends with 2 and names the address when the port is in use", async () => {
  const { url } = await place.serve([]);
  const { code, out, err } = await place.run(["serve", SERVED, "--listen", url]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(`${new URL(url).host} is in use already`);
});

it.each([
  ["no file", undefined, "there is no module app.mjs"],
  ["no default export", "export const a = 1;", "has no default export"],
  ["a wrong default export", "export default 7;", "neither a function nor an object of functions"],
  ["a syntax error", "export default {", "app.mjs cannot be loaded"],
  ["a throw while loading", 'throw new Error("early")', "cannot be loaded: Error: early"],
  [
    "a throw while filling",
    'export default () => { throw new Error("x") }',
    "has failed: Error: x",
  ],
  [
    "a name that is taken",
    "export default (s) => { s.expose({ a() {} }); s.expose({ a() {} }); }",
    "there is a procedure named a already",
  ],
])("ends with 2 for a module with %s", async (_what, source, sentence) => {
  if (source !== undefined) writeFileSync(place.path("app.mjs"), source);
  const { code, out, err } = await place.run(["serve", "app.mjs"]);
  expect({ code, out, err }).toEqual({ code: 2, out: "", err: expect.stringContaining(sentence) });
});

it.each([
  [["--secret", "hunter2"], "--secret: this shared secret"],
  [["--api-key", "justakey"], "--api-key wants a user, a colon"],
  [["--api-key", "ann:sw_broken"], "--api-key: this API key was mistyped"],
  [["--authorized-key", "ann:swpub_x"], "--authorized-key: this is not a public key"],
  [["--keys", "absent.json"], "there is no key file absent.json"],
  [["--tls-cert", "a.pem"], "--tls-cert and --tls-key belong together"],
  [["--listen", "tls://127.0.0.1:0"], "needs a certificate: give --tls-cert"],
  [["--listen", "nonsense"], "is not an address"],
  [["--plaintext", "yes"], "must be one of allow"],
])("ends with 2 for %j and does not repeat the secret", async (args, sentence) => {
  const { code, out, err } = await place.run(["serve", SERVED, ...args]);
  expect({ code, out, err }).toEqual({ code: 2, out: "", err: expect.stringContaining(sentence) });
  expect(err).not.toMatch(/hunter2|justakey|sw_broken/);
});
