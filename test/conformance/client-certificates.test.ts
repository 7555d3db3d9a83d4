import { once } from "node:events";
import { connect as netConnect } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { passwords } from "../../src/auth/passwords.ts";
import type { Channel } from "../../src/core/contracts/transport.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import { connect, createServer, type NodeClientOptions } from "../../src/presets/node.ts";
import { tcp, tls, tlsLayer } from "../../src/transports/tcp/index.ts";
import { secureWebsocket as wss } from "../../src/transports/websocket/index.ts";
import { type Certificate, makeCertificate, makeSigned } from "./certificate.ts";

const own = makeCertificate();
const authority = makeCertificate("DNS:authority.example");
const known = makeSigned(authority);
const self = makeCertificate("DNS:client.example");

const PASSWORD = "for-tests-only";
const credentials = { scheme: "password", password: PASSWORD } as const;
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

/** A server that lets in whom the authority has signed, and a way to come to it. */
async function serving(scheme: string) {
  const proving = /^(netconduit|trust)/.test(scheme);
  const server = createServer({
    ...(proving && { authenticator: passwords(PASSWORD) }),
    tls: { ...own, clientCa: authority.cert },
  });
  opened.push({ close: () => server.close({ drainMs: 0 }) });
  server.expose({ double: (n: number) => 2 * n }, { public: true });
  let entered = 0;
  server.onConnect(() => void entered++);
  const { address } = await server.listen(`${scheme}://127.0.0.1:0`);
  const come = async (shown: NodeClientOptions) => {
    const pin = /^(tls|wss)$/.test(scheme) ? { pin: await server.fingerprint() } : {};
    const wire = { reconnect: false, ...pin, ...(proving && { credentials }) } as const;
    const client = await connect(address, { ...wire, tlsCa: own.cert, ...shown });
    opened.push(client);
    return client.call("double", [4]);
  };
  return { come, address, entered: () => entered };
}

function shownBy({ cert, key }: Certificate): NodeClientOptions {
  return { tlsCert: cert, tlsKey: key };
}

describe.each(["tls", "wss", "netconduit+tls", "trust-rpc+tls", "nacl-box+wss"])("%s", (scheme) => {
  test("lets in clients that the authority has signed, and none of the others", async () => {
    const { come, entered } = await serving(scheme);
    const refused = { code: expect.stringMatching(/^(HANDSHAKE_FAILED|UNAVAILABLE)$/) };
    await expect(come({})).rejects.toMatchObject({
      ...{ code: "HANDSHAKE_FAILED", message: expect.stringContaining("CERTIFICATE_REQUIRED") },
    });
    await expect(come(shownBy(makeSigned(self)))).rejects.toMatchObject(refused);
    await expect(come(shownBy(self))).rejects.toMatchObject(refused);
    expect(entered()).toBe(0);
    expect(await come(shownBy(known))).toBe(8);
  });
});

describe("a server that wants certificates", () => {
  test("says why it refused one, and shows no key", async () => {
    const refusals: SealwireError[] = [];
    const layer = tlsLayer({ ...own, clientCa: authority.cert });
    const port = await plainPort((outer) =>
      layer.accept(outer, new Uint8Array()).catch((thrown: SealwireError) => {
        refusals.push(thrown);
      }),
    );
    for (const shown of [{}, self]) {
      const foreign = tlsConnect({ port, host: "127.0.0.1", ca: own.cert, ...shown });
      await new Promise((closed) => foreign.on("error", () => {}).on("close", closed));
    }
    await expect
      .poll(() => refusals)
      .toMatchObject([
        { code: "HANDSHAKE_FAILED", message: expect.stringMatching(/did not return a cert/) },
        { code: "HANDSHAKE_FAILED", message: expect.stringMatching(/SELF_SIGNED_CERT/) },
      ]);
    expect(String(refusals)).not.toContain("PRIVATE");
  });

  test("gives up a greeting that is none, and one that does not go on", async () => {
    const refusals: unknown[] = [];
    const layer = tlsLayer({ ...own, clientCa: authority.cert, connectTimeoutMs: 30 });
    const port = await plainPort((outer) =>
      layer.accept(outer, new Uint8Array()).catch(({ code }: SealwireError) => {
        refusals.push(code);
      }),
    );
    for (const text of ["\u0016\u0003\u0001\u0000\u0001garbage", "\u0016\u0003"]) {
      const foreign = netConnect(port, "127.0.0.1").on("error", () => {});
      foreign.write(text);
      await once(foreign.resume(), "close");
    }
    await expect.poll(() => refusals).toEqual(["HANDSHAKE_FAILED", "UNAVAILABLE"]);
  });

  test("goes on listening after those it refused, and after those who left", async () => {
    const { come, address } = await serving("tls");
    const leaving = netConnect(Number(address.port), "127.0.0.1");
    leaving.on("error", () => {}).write("\u0016\u0003\u0001", () => leaving.destroy());
    await once(leaving, "close");
    await expect(come({})).rejects.toThrow(SealwireError);
    expect(await come(shownBy(known))).toBe(8);
  });
});

describe("what cannot be used", () => {
  const listening = { ...own, clientCa: "no certificate" };
  const unusable = { cert: own.cert, key: "not a key but a secret" };
  const { signal } = new AbortController();
  test.each<[string, () => unknown, string]>([
    ["an authority", () => tlsLayer(listening), "clientCa"],
    ["an authority of wss", () => wss(listening).listen(new URL("wss://127.0.0.1:0")), "clientCa"],
    ["half a certificate", () => tls({ cert: own.cert }), "cert and key belong together"],
    ["half of one of wss", () => wss({ key: own.key }), "cert and key belong together"],
    ["half of a client's", () => connect("tls://[::1]:1", { tlsCert: "x" }), "tlsCert and tlsKey"],
    ["a key", () => tls(unusable), "cert and key"],
    ["a key of wss", () => wss(unusable).connect(new URL("wss://[::1]:1"), { signal }), "cert and"],
  ])("is refused by its name: %s", async (_, make, named) => {
    const thrown: unknown = await Promise.resolve()
      .then(make)
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      ...{ code: "INVALID_ARGUMENT", message: expect.stringContaining(named) },
    });
    expect(String(thrown)).not.toContain("secret");
  });
});

/** A port of TCP whose channels are handed on. */
async function plainPort(arrive: (channel: Channel) => unknown): Promise<number> {
  const listener = await tcp().listen(new URL("tcp://127.0.0.1:0"));
  opened.push(listener);
  void (async () => {
    for await (const channel of listener) void arrive(channel);
  })();
  return Number(listener.address.port);
}
