import { afterEach, describe, expect, it } from "vitest";
import { judge } from "../../../test/nacl-box/original-client.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import { Client } from "../../client/client.ts";
import type { ClientOptions } from "../../client/options.ts";
import { nodeBox } from "../../crypto/providers/node-box.node.ts";
import { randomBytes } from "../../crypto/random.ts";
import { NODE_PLATFORM } from "../../presets/platform.node.ts";
import { Server } from "../../server/server.ts";
import { memory } from "../../transports/memory/memory.ts";
import { type NaclBoxDialect, type NaclBoxOptions, naclBox } from "./index.ts";

const crypto = nodeBox();
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

describe("the key of a server", () => {
  it("is believed from whoever answers where nothing is known, as with the original", async () => {
    const { connect } = await serving();
    expect(await (await connect()).call("whoami")).toBe(1);
  });

  it("must be one of the pinned ones where some are", async () => {
    const { connect, dialect } = await serving();
    const { publicKey } = await dialect.identity();
    const other = crypto.publicKey(randomBytes(32));
    const client = await connect({ serverKeys: [other, publicKey] });
    expect(await client.call("whoami")).toBe(1);
    await expect(connect({ serverKeys: [other] })).rejects.toMatchObject({
      code: "HANDSHAKE_FAILED",
      message: expect.stringContaining("shows another key than the pin"),
    });
  });

  it("stays the same where the server was given one", async () => {
    const secretKey = randomBytes(32);
    const keyPair = { secretKey, publicKey: crypto.publicKey(secretKey) };
    const { dialect } = await serving({ keyPair });
    expect(await dialect.identity()).toEqual(keyPair);
  });
});

describe("clients", () => {
  it("with different keys are told apart, however many call at once", async () => {
    const { connect } = await serving();
    const users = ["abc", "key-ü", "zero", "empty", "abc", "key-ü", "zero", "empty"];
    const clients = await Promise.all(users.map((key) => connect(withKey(key))));
    const calls = clients.flatMap((client) =>
      Array.from({ length: 20 }, () => client.call("whoami")),
    );
    const names = [1, "alice", 0, "", 1, "alice", 0, ""];
    expect(await Promise.all(calls)).toEqual(names.flatMap((name) => Array(20).fill(name)));
  });

  it("with a wrong key or none may call what is public, and learn why not the rest", async () => {
    const { connect } = await serving();
    for (const options of [withKey("wrong"), { credentials: { scheme: "anonymous" } } as const]) {
      const client = await connect(options);
      expect(await client.call("ping")).toBe("pong");
      await expect(client.call("whoami")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    }
  });

  it("without an API key to show are told what to give", async () => {
    const { connect } = await serving();
    const credentials = { scheme: "password", password: "geheim" } as const;
    const failed = await connect({ credentials }).catch((thrown: unknown) => thrown);
    expect(failed).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(String(failed)).not.toContain("geheim");
  });

  it("have many calls in flight with a server of ours, one with others", async () => {
    const { connect } = await serving();
    const { connect: connectOld } = await serving({ ids: false });
    expect((await connect()).connection?.vocabulary.callsInFlight).toBe(Number.POSITIVE_INFINITY);
    const old = await connectOld();
    expect(old.connection?.vocabulary.callsInFlight).toBe(1);
    const numbers = Array.from({ length: 64 }, (_, i) => i);
    expect(await Promise.all(numbers.map((n) => old.call("echo", [n])))).toEqual(numbers);
  });

  it("keep working after a call that timed out, with servers that answer in order", async () => {
    const { connect } = await serving({ ids: false });
    const client = await connect();
    const late = client.call("never", [], { timeoutMs: 20 });
    await expect(late).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(await client.call("echo", ["still here"])).toBe("still here");
  });

  it("show the text of what a function throws", async () => {
    const { connect } = await serving();
    const failed = (await connect()).call("fail", ["böse"]);
    await expect(failed).rejects.toMatchObject({ code: "INTERNAL", message: "böse" });
  });
});

describe("events", () => {
  it("go to those who asked for them and proved who they are, changes of variables too", async () => {
    const { connect, server } = await serving({ push: true });
    const client = await connect();
    const heard: unknown[] = [];
    for (const name of ["$state", "news"]) {
      await client.onEvent(name, (data) => heard.push([name, data])).ready;
    }
    const change = { name: "zahl", value: 5 };
    expect(await server.broadcast("$state", change)).toEqual({ delivered: 1, skipped: 0 });
    await server.broadcast("news", "hot");
    expect(await client.call("ping")).toBe("pong");
    expect(heard).toEqual([
      ["$state", change],
      ["news", "hot"],
    ]);
  });

  it("go to nobody who did not ask", async () => {
    const { connect, server } = await serving();
    const client = await connect();
    await client.call("whoami");
    expect(await server.broadcast("$state", {})).toEqual({ delivered: 0, skipped: 1 });
    await expect(client.onEvent("news", () => {}).ready).rejects.toMatchObject({
      code: "UNSUPPORTED",
    });
  });

  it("are refused to whoever asks without a key that holds", async () => {
    const { connect } = await serving({ push: true });
    const failed = connect({ ...withKey("wrong"), reconnect: false });
    await expect(failed).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });
});

it("a change of a shared variable travels as the function of the original", async () => {
  const { connect, server, stored } = await serving();
  const client = await connect();
  const state = client.install((host) => ({
    put: (name: string, value: unknown) =>
      host.call("$state.put", { positional: [name, value], named: {} }),
  }));
  expect(await state.put("zahl", 77)).toBe(true);
  expect(stored).toEqual(["zahl", 77]);
  expect(server.connections.size).toBe(1);
});

describe("the dialect", () => {
  it("tells what the wire does not protect, and the defaults of its originals", () => {
    const dialect = naclBox();
    expect(dialect.security).toEqual({
      ...{ encrypted: true, clientProven: "by-each-call", serverProven: false },
      ...{ forwardSecret: false, replayProtected: false },
    });
    const times = { callTimeoutMs: 5_000, handlerTimeoutMs: 5_000 };
    expect(dialect.defaults).toEqual({ workers: 4, port: 8421, ...times });
    expect(naclBox({ workers: 9, timeoutMs: 70 }).defaults).toEqual({
      ...{ workers: 9, port: 8421, callTimeoutMs: 70, handlerTimeoutMs: 70 },
    });
  });

  it.each([
    ['{"type": "HELLO"', true],
    [' {\n"cipher" :', true],
    ['{"client_pubkey":', true],
    ['{"ty', undefined],
    ["", undefined],
    ['{"password": "x"', false],
    ["\u0001native", false],
  ])("knows its own by their start: %j", (head, expected) => {
    expect(naclBox().recognizes?.(encodeUtf8(head))).toBe(expected);
  });

  it.each([
    [{ workers: 0 }, "workers is 0"],
    [{ timeoutMs: -1 }, "timeoutMs is -1"],
    [{ replayWindow: 0 }, "replayWindow is 0"],
    [{ keyPair: { publicKey: new Uint8Array(31), secretKey: new Uint8Array(32) } }, "31 and 32"],
  ])("refuses %j", (options, text) => {
    expect(() => naclBox(options)).toThrow(text);
  });
});

interface Serving {
  readonly server: Server;
  readonly dialect: NaclBoxDialect;
  /** What `$state.put` was called with. */
  readonly stored: unknown[];
  connect(options?: ClientOptions): Promise<Client>;
}

async function serving(options: NaclBoxOptions = {}): Promise<Serving> {
  const transport = memory({ boundaries: "kept" });
  const dialect = naclBox({ crypto, ...options });
  const schemes = { memory: { transport, dialect } };
  const surroundings = { platform: NODE_PLATFORM, schemes, fingerprint: async () => "none" };
  const server = new Server({ authenticator: { authenticate: judge } }, surroundings);
  const stored: unknown[] = [];
  server.expose({ ping: () => "pong" }, { public: true });
  server.expose({ echo: (value: unknown) => value, never: () => new Promise(() => {}) });
  server.expose({ fail: (text: string) => Promise.reject(new Error(text)) });
  server.procedure("whoami", (call) => call.principal?.id);
  server.install((host) =>
    host.procedure("$state.put", {}, (call) => void stored.push(...call.args.positional)),
  );
  const { address } = await server.listen("memory://localhost");
  open.push({ close: () => server.close({ drainMs: 0 }) });
  const connect = async (own: ClientOptions = {}): Promise<Client> => {
    const client = new Client(address, { ...withKey("abc"), ...own }, surroundings);
    open.unshift(client);
    await client.open();
    return client;
  };
  return { server, dialect, stored, connect };
}

function withKey(key: string): ClientOptions {
  return { credentials: { scheme: "api-key", key } };
}
