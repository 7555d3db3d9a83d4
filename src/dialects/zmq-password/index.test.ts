import { afterEach, describe, expect, it } from "vitest";
import { passwords } from "../../auth/passwords.ts";
import type { Initiator, Session } from "../../core/contracts/dialect.ts";
import type { Credentials } from "../../core/model/credentials.ts";
import { NO_ARGUMENTS } from "../../core/model/message.ts";
import {
  type PairOptions,
  type ServerAndClient,
  serverAndClient,
} from "../../testing/server-and-client.ts";
import { type ZmqPasswordOptions, zmqPassword } from "./index.ts";

const CREDENTIALS = { scheme: "password", password: "geheim" } as const;
const pairs: ServerAndClient[] = [];

afterEach(async () => {
  for (const pair of pairs.splice(0)) await pair.close();
});

async function pairOf(
  register: PairOptions["register"],
  options: ZmqPasswordOptions = {},
): Promise<ServerAndClient> {
  const pair = await serverAndClient({
    dialect: zmqPassword(options),
    server: { authenticator: passwords("geheim"), plaintext: "allow" },
    client: { credentials: CREDENTIALS },
    ...(register && { register }),
  });
  pairs.push(pair);
  return pair;
}

function connectedAs(credentials: Credentials): Promise<Session> {
  const initiator: Initiator = {
    ...{ about: {}, maxFrameBytes: 1_000, serverName: "sealwire", serverKeys: [], credentials },
    ...{ trusts: async () => true, flush() {}, signal: new AbortController().signal },
  };
  const wire = {
    remote: "nobody",
    read: () => new Promise<never>(() => {}),
    write: async () => {},
  };
  return zmqPassword().connect(wire, initiator);
}

describe("the dialect", () => {
  it("claims nothing that the wire does not protect", () => {
    expect(zmqPassword().security).toEqual({
      encrypted: false,
      clientProven: "by-each-call",
      serverProven: false,
      forwardSecret: false,
      replayProtected: false,
    });
  });

  it("has the defaults of the original", () => {
    expect(zmqPassword().defaults).toEqual({
      workers: 4,
      callTimeoutMs: 5_000,
      handlerTimeoutMs: 5_000,
      port: 8_421,
    });
    expect(zmqPassword({ workers: 2, timeoutMs: 90 }).defaults).toMatchObject({
      workers: 2,
      callTimeoutMs: 90,
    });
  });

  it.each([
    [{ workers: 0 }, "workers is 0"],
    [{ workers: 1.5 }, "workers is 1.5"],
    [{ timeoutMs: -1 }, "timeoutMs is -1"],
    [{ values: { maxDepth: 0 } }, "maxDepth is 0"],
  ])("refuses %j", (options, words) => {
    expect(() => zmqPassword(options)).toThrow(words);
  });

  it.each<[Credentials, string]>([
    [{ scheme: "anonymous" }, "carries a password with each call, not anonymous"],
    [{ scheme: "api-key", key: "abc123" }, "not api-key"],
    [{ scheme: "password", user: "ann", password: "x" }, "no place for a user name"],
  ])(
    "refuses a client with the credentials %j before anything is sent",
    async (credentials, words) => {
      const refused = connectedAs(credentials);
      await expect(refused).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
      await expect(refused).rejects.toThrow(words);
    },
  );

  it("never shows the password, neither in a session nor in an error", async () => {
    const session = await connectedAs(CREDENTIALS);
    expect(JSON.stringify(session) + String(session)).not.toContain("geheim");
    const args = { positional: [new Map()], named: NO_ARGUMENTS.named };
    const message = { kind: "call", id: 1, procedure: "f", args } as const;
    expect(() => session.encode([message])).toThrow(/^Object of type Map is not JSON/);
  });

  it("refuses to send what the wire cannot say", async () => {
    const session = await connectedAs(CREDENTIALS);
    const call = { kind: "call", id: 1, procedure: "f", args: NO_ARGUMENTS } as const;
    for (const message of [{ kind: "ping" } as const, { ...call, streaming: true } as const]) {
      expect(() => session.encode([message])).toThrow(/this wire has no form for/);
    }
  });
});

describe("calls", () => {
  it("prove themselves one by one, those of public functions too", async () => {
    const pair = await pairOf((server) => server.expose({ ping: () => "pong" }, { public: true }));
    expect(await pair.client.call("ping")).toBe("pong");
    const wrong = await pair.connect({ credentials: { scheme: "password", password: "falsch" } });
    await expect(wrong.call("ping")).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      message: "Ungültiges Passwort",
    });
  });

  it("say by kind what went wrong: wrong password, unknown function, failed function", async () => {
    const pair = await pairOf((server) =>
      server.expose({
        fail: () => {
          throw new RangeError("böse");
        },
        set: () => new Set(),
      }),
    );
    const wrong = await pair.connect({ credentials: { scheme: "password", password: "falsch" } });
    await expect(wrong.call("nope")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(pair.client.call("nope")).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: "Funktion nope nicht gefunden",
    });
    await expect(pair.client.call("fail")).rejects.toMatchObject({
      code: "INTERNAL",
      message: "böse",
    });
    await expect(pair.client.call("set")).rejects.toMatchObject({
      message: "the answer cannot be sent: Object of type Set is not JSON serializable",
    });
  });

  it("that take too long leave the client usable, and no answer goes to another call", async () => {
    const gates: (() => void)[] = [];
    const register: PairOptions["register"] = (server) =>
      server.expose({
        slow: () => new Promise<string>((done) => gates.push(() => done("late"))),
        echo: (value: unknown) => value,
      });
    const pair = await pairOf(register);
    const slow = pair.client.call("slow", [], { timeoutMs: 30 });
    await expect(slow).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    const next = pair.client.call("echo", ["mine"]);
    for (const letGo of gates) letGo();
    expect(await next).toBe("mine");
  });

  it("wait for each other where 64 are made at once, and get their own answers", async () => {
    const pair = await pairOf((server) => server.expose({ echo: (value: number) => value }));
    const numbers = Array.from({ length: 64 }, (_, i) => i);
    const answers = await Promise.all(numbers.map((n) => pair.client.call("echo", [n])));
    expect(answers).toEqual(numbers);
  });

  it("do not wait for each other where the server answers in order, also behind a late one", async () => {
    const gates: (() => void)[] = [];
    const register: PairOptions["register"] = (server) =>
      server.expose({
        slow: () => new Promise<string>((done) => gates.push(() => done("late"))),
        echo: (value: unknown) => value,
      });
    const pair = await pairOf(register, { answersInOrder: true });
    const slow = pair.client.call("slow", [], { timeoutMs: 30 });
    const others = Array.from({ length: 64 }, (_, i) => pair.client.call("echo", [i]));
    await expect(slow).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(gates).toHaveLength(1);
    for (const letGo of gates) letGo();
    expect(await Promise.all(others)).toEqual(Array.from({ length: 64 }, (_, i) => i));
  });

  it("of more clients than workers wait their turn", async () => {
    let running = 0;
    let most = 0;
    const register: PairOptions["register"] = (server) =>
      server.expose({
        work: async () => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((done) => setImmediate(done));
          running -= 1;
        },
      });
    const pair = await pairOf(register, { workers: 2 });
    const clients = await Promise.all(Array.from({ length: 6 }, () => pair.connect()));
    await Promise.all(clients.map((client) => client.call("work")));
    expect(most).toBe(2);
  });
});
