import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { passwords } from "../../../src/auth/passwords.ts";
import { zmqPassword } from "../../../src/dialects/zmq-password/index.ts";
import { NODE_PLATFORM } from "../../../src/presets/platform.node.ts";
import { Server } from "../../../src/server/server.ts";
import { zeromq } from "../../../src/transports/zeromq/index.ts";
import { pythonPeers } from "../python.ts";

const peers = pythonPeers(import.meta.url);
const PASSWORD = "s3cret-pässwort";
let server: Server;
let port: string;

beforeAll(async () => {
  const schemes = { zmq: { transport: zeromq(), dialect: zmqPassword() } };
  const surroundings = { platform: NODE_PLATFORM, schemes, fingerprint: async () => "none" };
  server = new Server({ authenticator: passwords(PASSWORD) }, surroundings);
  register(server);
  // Trap 9: clients of libzmq look for localhost at 127.0.0.1 alone.
  ({ port } = (await server.listen("zmq://localhost:0")).address);
});

afterAll(() => server.close({ drainMs: 0 }));

/** What the clients in Python call. */
function register({ procedure }: Server): void {
  const [text, number] = [z.string(), z.number()];
  const value = z.unknown().refine((given) => given !== undefined);
  const summand = z.union([number, text]);
  procedure("ping", { public: true, params: {} }, () => "pong");
  procedure("whoami", { params: {} }, (_, call) => call.principal?.id);
  procedure("echo", { params: { value } }, (given) => given.value);
  procedure("add", { params: { a: summand, b: summand } }, ({ a, b }) =>
    typeof a === "number" && typeof b === "number" ? a + b : `${a}${b}`,
  );
  procedure("mul", { params: { a: number, b: number, delay: number } }, async (given) => {
    await pause(1_000 * given.delay);
    return given.a * given.b;
  });
  procedure("fail", { params: { message: text } }, ({ message }) => {
    throw new Error(message);
  });
}

const python = (way: string) => peers.client(way, port, PASSWORD);
const ok = (result: unknown) => ({ status: "ok", result });
const error = (text: string) => ({ status: "error", error: text });

describe("clients in Python", () => {
  test("a REQ client calls, fails and goes on", async () => {
    const replies = (await python("session")).map((line): unknown => JSON.parse(String(line)));
    expect(replies).toEqual([
      ok("pong"),
      ok(42),
      ok("ab"),
      ok("ä𝄞\n"),
      ok(Number("9007199254740993")),
      error("add() missing 1 required positional argument: 'b'"),
      error("böse"),
      error("Funktion nope nicht gefunden"),
      error("Ungültiges Passwort"),
      error("Expecting value: line 1 column 1 (char 0)"),
      error("Expecting value: line 1 column 1 (char 0)"),
      ok(""),
    ]);
  });

  test("four slow calls of 0.5 s from four clients end within 1.5 s", async () => {
    const [{ results, seconds } = { results: [], seconds: Infinity }] = (await python(
      "slow",
    )) as readonly { readonly results: unknown; readonly seconds: number }[];
    expect(results).toEqual([0, 2, 4, 6]);
    expect(seconds).toBeLessThan(1.5);
  });

  test("eight clients at once get their own answers", async () => {
    expect(await python("crowd")).toEqual([Array.from({ length: 8 }, () => true)]);
  });

  test("a DEALER that pipelines gets its answers in order, each behind an empty part", async () => {
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    expect(await python("pipeline")).toEqual([true, [6, ...numbers]]);
  });
});

describe("traps of the wire that lie below the dialect", () => {
  test("1 and 2: any delimiter is taken and an empty one answered; other shapes do not end the service", async () => {
    const malformed = ["", error("Expecting value: line 1 column 1 (char 0)")];
    expect(await python("shapes")).toEqual([
      malformed,
      malformed,
      malformed,
      malformed,
      ["", ok("pong")],
      ["", ok("pong")],
      ...Array.from({ length: 20 }, () => malformed),
      ["", ok(3)],
    ]);
  });

  test("3 and 4: the recorded connection goes the same way, in the pieces in which it came", async () => {
    const path = new URL("../../vectors/zmq-password/exchanges.json", import.meta.url);
    const { zmtp_connection: recorded } = JSON.parse(readFileSync(path, "utf8")) as {
      readonly zmtp_connection: {
        readonly chronology: readonly { readonly direction: string; readonly hex: string }[];
      };
    };
    const socket = connectSocket(Number(port), "127.0.0.1");
    const received: Buffer[] = [];
    socket.on("data", (chunk) => received.push(chunk));
    let expected = "";
    for (const { direction, hex } of recorded.chronology) {
      if (direction === "client->server") socket.write(Buffer.from(hex, "hex"));
      else expected += hex;
    }
    const answer = expected.slice(-Buffer.from("0100001e").length * 2);
    while (!Buffer.concat(received).toString("hex").endsWith(answer)) await once(socket, "data");
    socket.destroy();
  });

  test("10: two clients that call themselves alike are both served", async () => {
    expect(await python("identities")).toEqual([[1, 1, 1]]);
  });

  test("a client that vanishes costs the others nothing", async () => {
    expect(await python("vanish")).toEqual(["gone"]);
    expect(await python("crowd")).toEqual([Array.from({ length: 8 }, () => true)]);
  });
});
