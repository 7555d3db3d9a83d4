import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseApiKey } from "../../src/crypto/api-key-text.ts";
import { parseSecretKey } from "../../src/crypto/keys.ts";
import { Place, type Serving, type Surroundings } from "./program.ts";
import { recordingRelay } from "./recording-relay.ts";

const SECRET = "kq3XvT9bZ0sYp7LmR2wD8fHcJ5nGa1EuVtQx4oKi";
const PASSWORD = "correct horse battery staple";
const TOKEN = "token-3f9a1c77";
const FREE_TEXT = "abc123-free-text-key";

const place = new Place();
let server: Serving;
let generated = "";
let secretKey = "";

beforeAll(async () => {
  generated = (await place.run(["keys", "add", "keys.json", "--user", "7"])).out.trim();
  const pair = JSON.parse((await place.run(["keygen", "--json"])).out);
  secretKey = pair.secretKey;
  writeFileSync(place.path("me.key"), secretKey, { mode: 0o600 });
  server = await place.serve(
    [
      ...["--keys", "keys.json", "--api-key", `free:${FREE_TEXT}`],
      ...["--authorized-key", `pair:${pair.publicKey}`, "--token", `tim:${TOKEN}`],
      ...["--user-password", `ann:${PASSWORD}`],
    ],
    { env: { SEALWIRE_SECRET: SECRET } },
  );
});
afterAll(() => place.close());

interface Proof {
  readonly way: string;
  readonly args: readonly string[];
  readonly surroundings?: Surroundings;
  readonly user: string;
  /** What must never stand on the wire. */
  readonly kept: readonly (string | Uint8Array)[];
}

/** The six ways, and the one that the documents of others use. */
function proofs(): readonly Proof[] {
  const key = parseApiKey(generated);
  return [
    {
      way: "an API key",
      args: [],
      surroundings: { env: { SEALWIRE_KEY: generated } },
      user: "7",
      kept: [generated, key.kind === "generated" ? key.secret : ""],
    },
    { way: "a free-text key", args: ["--key", FREE_TEXT], user: '"free"', kept: [FREE_TEXT] },
    {
      way: "a password",
      args: ["--user", "ann", "--password", "-"],
      surroundings: { input: `${PASSWORD}\n` },
      user: '"ann"',
      kept: [PASSWORD],
    },
    {
      way: "a shared secret",
      args: [],
      surroundings: { env: { SEALWIRE_SECRET: SECRET } },
      user: '""',
      kept: [SECRET],
    },
    {
      way: "a key pair",
      args: ["--identity", "me.key"],
      user: '"pair"',
      kept: [secretKey, parseSecretKey(secretKey)],
    },
    {
      way: "a token",
      args: [],
      surroundings: { env: { SEALWIRE_TOKEN: TOKEN } },
      user: '"tim"',
      kept: [TOKEN],
    },
  ];
}

const WAYS = [0, 1, 2, 3, 4, 5];

it.each(WAYS)("lets in who proves itself, way %i", async (at) => {
  const proof = proofs()[at];
  const { out, code } = await place.run(
    ["call", server.url, "who", ...(proof?.args ?? [])],
    proof?.surroundings,
  );
  expect({ way: proof?.way, out, code }).toEqual({
    way: proof?.way,
    out: `${proof?.user}\n`,
    code: 0,
  });
});

it("lets those who prove nothing call what is public, and nothing else", async () => {
  expect(await place.run(["call", server.url, "greet", "Bob"])).toMatchObject({
    code: 0,
    out: '"hello Bob"\n',
  });
  const closed = await place.run(["call", server.url, "add", "2", "3"]);
  expect(closed).toMatchObject({ code: 1, out: "" });
  expect(closed.err).toContain("UNAUTHENTICATED: add is not public");
});

describe("refuses with 1 and UNAUTHENTICATED", () => {
  it.each([
    ["a wrong API key", ["--key", "sw_"], {}],
    ["a wrong free-text key", ["--key", "abc124"], {}],
    ["a wrong password", ["--user", "ann", "--password", "wrong"], {}],
    ["an unknown user", ["--user", "eve", "--password", PASSWORD], {}],
    ["a wrong secret", ["--secret", `X${SECRET.slice(1)}`], {}],
    ["a wrong token", ["--token", "token-0"], {}],
    ["a key pair that nobody authorized", ["--identity", "other.key"], {}],
  ])("%s", async (what, given) => {
    await place.run(["keygen", "--out", "other.key"]);
    const other = (await place.run(["keygen", "--api-key", "eve", "--json"])).out;
    const args = what === "a wrong API key" ? ["--key", JSON.parse(other).key] : given;
    const { code, out, err } = await place.run(["call", server.url, "who", ...args]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("UNAUTHENTICATED: ");
    expect(err).not.toContain(args.at(-1) === "other.key" ? "swsec_" : args.at(-1));
  });
});

it("refuses a scope that is missing with PERMISSION_DENIED", async () => {
  const env = { SEALWIRE_TOKEN: TOKEN };
  const { code, err } = await place.run(["call", server.url, "erase"], { env });
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringContaining("PERMISSION_DENIED: erase needs the scope admin"),
  });
});

it("ends with 3 when the server has another key than the pin", async () => {
  const pin = JSON.parse((await place.run(["keygen", "--json"])).out).publicKey;
  const { code, out, err } = await place.run(["call", server.url, "greet", "--pin", pin]);
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toContain("HANDSHAKE_FAILED: ");
  expect(err).toContain("--pin");
});

it("calls a server by its pin without remembering it", async () => {
  const elsewhere = new Place();
  const args = ["call", server.url, "greet", "--pin", server.fingerprint];
  const { code, err } = await elsewhere.run(args);
  await elsewhere.close();
  expect({ code, err }).toEqual({ code: 0, err: "" });
});

it("ends with 3 when a remembered server shows another key, and says where to forget it", async () => {
  const port = new URL(server.url).port;
  const known = {
    version: 1,
    servers: {
      [`tcp://127.0.0.1:${port}`]: [
        JSON.parse((await place.run(["keygen", "--json"])).out).publicKey,
      ],
    },
  };
  const elsewhere = new Place();
  const file = elsewhere.path("known-servers.json");
  writeFileSync(file, JSON.stringify(known));
  const env = { SEALWIRE_HOME: elsewhere.folder };
  const { code, err } = await elsewhere.run(["call", server.url, "greet"], { env });
  await elsewhere.close();
  expect(code).toBe(3);
  expect(err).toContain(`take its entry out of ${file}`);
});

it("takes one way to prove who one is, and never shows what was given", async () => {
  const args = ["call", server.url, "who", "--key", "one-secret", "--token", "other-secret"];
  const { code, err } = await place.run(args);
  expect(code).toBe(2);
  expect(err).toContain("not --key and --token");
  expect(err).not.toMatch(/one-secret|other-secret/);
});

it("lets an option win over the environment, and the environment over .env", async () => {
  writeFileSync(place.path(".env"), `SEALWIRE_TOKEN=${TOKEN}\nSEALWIRE_OTHER=from the file\n`);
  const who = ["call", server.url, "who"];
  const wrong = { env: { SEALWIRE_TOKEN: "wrong" } };
  const file = await place.run(who);
  const environment = await place.run(who, wrong);
  const option = await place.run([...who, "--token", TOKEN], wrong);
  writeFileSync(place.path(".env"), "");
  expect([file.code, environment.code, option.code]).toEqual([0, 1, 0]);
  expect(option.err).toContain("warning: the value of --token is visible");
  expect(file.err).not.toContain("warning");
});

it.each(WAYS)("leaves neither the secret nor the call on the wire, way %i", async (at) => {
  const proof = proofs()[at];
  const relay = await recordingRelay(Number(new URL(server.url).port));
  const said = "attack-at-dawn-4711";
  const { code, out } = await place.run(
    ["call", `tcp://127.0.0.1:${relay.port}`, "whisper", said, ...(proof?.args ?? [])],
    proof?.surroundings,
  );
  const wire = relay.recorded();
  await relay.close();
  expect({ way: proof?.way, code, out }).toMatchObject({ code: 0, out: `"you said ${said}"\n` });
  expect(wire.length).toBeGreaterThan(300);
  const found = [...(proof?.kept ?? []), said, "whisper", "you said"].filter((kept) => {
    return kept.length > 0 && wire.includes(Buffer.from(kept));
  });
  expect(found).toEqual([]);
});

it("would find on the wire what is sent in clear", async () => {
  const relay = await recordingRelay(Number(new URL(server.url).port));
  const socket = connectTcp(relay.port, "127.0.0.1");
  socket.end("attack-at-dawn-4711");
  socket.resume();
  await once(socket, "close");
  const wire = relay.recorded();
  await relay.close();
  expect(wire.includes("attack-at-dawn-4711")).toBe(true);
});
