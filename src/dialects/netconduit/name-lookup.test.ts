import { describe, expect, test } from "vitest";
import { frameOf } from "../../../test/netconduit/peers.ts";
import type { Message } from "../../core/model/message.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { ClientSession } from "./client-session.ts";
import { Flow } from "./flow.ts";
import { FRAME_TYPES, parseFrame } from "./frame.ts";
import { netconduit } from "./index.ts";
import { netconduitSettings } from "./options.ts";
import { unpackFrame } from "./payload.ts";

const settings = netconduitSettings({ now: () => 0 });
const LISTALL = { method: "listall", params: {} };

/** A session, its clock, and everything that it has sent. */
function session(maxFrameBytes = 16_777_216) {
  const clock = manualClock();
  const sent: Uint8Array[] = [];
  const port = {
    after: (ms: number, run: () => void) => clock.after(ms, run),
    flush: () => sent.push(...client.encode([])),
  };
  const flow = new Flow(settings, maxFrameBytes, port);
  const client = new ClientSession({}, netconduit().vocabulary, flow, port);
  const say = (...batch: readonly Message[]) => sent.push(...client.encode(batch));
  /** What was sent since the last look: requests as they are, of all else the type. */
  const look = () =>
    sent.splice(0).map((bytes) => {
      const frame = parseFrame(bytes);
      if (frame.type !== FRAME_TYPES.rpcRequest) return frame.type;
      return unpackFrame(frame, settings).value;
    });
  const call = (procedure: string, positional: readonly unknown[], named = {}): Message => {
    return { kind: "call", id: client.nextCallId(), procedure, args: { positional, named } };
  };
  return { client, clock, say, look, call };
}

/** The list of a server; the id is the one that the session has drawn for its question. */
function listing(id: number, parameters: Readonly<Record<string, unknown>>): Uint8Array {
  const methods = Object.entries(parameters).map(([name, each]) => ({ name, parameters: each }));
  const result = { success: true, data: { methods, count: methods.length } };
  return frameOf(FRAME_TYPES.rpcResponse, { success: true, result }, id);
}

describe("arguments by position", () => {
  test("get their names from the server, which is asked once", () => {
    const { client, say, look, call } = session();
    say(call("add", [2, 3]), { kind: "event", name: "later", data: 1 }, { kind: "ping" });
    expect(look()).toEqual([LISTALL, FRAME_TYPES.ping]);
    say(call("add", [4], { b: 5 }));
    expect(look()).toEqual([]);
    expect(client.decode(listing(2, { add: { a: "int", b: "int" } }))).toEqual([]);
    expect(look()).toEqual([
      { method: "add", params: { a: 2, b: 3 } },
      FRAME_TYPES.message,
      { method: "add", params: { a: 4, b: 5 } },
    ]);
    say(call("add", [0, 1]));
    expect(look()).toEqual([{ method: "add", params: { a: 0, b: 1 } }]);
  });

  test("that every server understands need no names", () => {
    const { say, look, call } = session();
    say(call("greet", ["Bob"]), call("sum", [[1, 2]]), call("stats", []), call("m", [], { a: 1 }));
    expect(look()).toEqual([
      { method: "greet", params: "Bob" },
      { method: "sum", params: [1, 2] },
      { method: "stats", params: {} },
      { method: "m", params: { a: 1 } },
    ]);
  });

  test("travel under numbers where there are too few names, or one is given twice", () => {
    const { client, say, look, call } = session();
    say(call("untyped", [0, 1]));
    client.decode(listing(2, { untyped: { b: "int" }, add: { a: "int" } }));
    say(call("unknown", [0]), call("add", [1], { a: 2 }));
    expect(look()).toEqual([
      LISTALL,
      { method: "untyped", params: { _0: 0, _1: 1 } },
      { method: "unknown", params: { _0: 0 } },
      { method: "add", params: { _0: 1, a: 2 } },
    ]);
  });

  test("wait two seconds for their names and no longer, nor for a server that has no list", () => {
    const { clock, say, look, call } = session();
    say(call("add", [2, 3]));
    clock.advance(1_999);
    expect(look()).toEqual([LISTALL]);
    clock.advance(1);
    expect(look()).toEqual([{ method: "add", params: { _0: 2, _1: 3 } }]);

    const other = session();
    other.say(other.call("add", [2, 3]));
    const refusal = { success: true, result: { success: false, error: "no", code: 4000 } };
    other.client.decode(frameOf(FRAME_TYPES.rpcResponse, refusal, 2));
    expect(other.look()).toEqual([LISTALL, { method: "add", params: { _0: 2, _1: 3 } }]);
  });

  test("that cannot travel are refused before anybody is asked", () => {
    const { say, look, call } = session(1_000);
    expect(() => say(call("add", [1, () => 2]))).toThrow("function");
    expect(() => say(call("add", [1, "x".repeat(2_000)]))).toThrow("does not fit");
    expect(look()).toEqual([]);
  });

  test("keep their numbers where the names make a frame too large", () => {
    const { client, say, look, call } = session(1_000);
    say(call("add", ["x".repeat(900), 1]));
    client.decode(listing(2, { add: { ["long".repeat(50)]: "str", b: "int" } }));
    expect(look()[1]).toMatchObject({ params: { _1: 1 } });
  });

  test("keep no more than so many waiting", () => {
    const { say, look, call } = session();
    say(call("add", [2, 3]));
    const event: Message = { kind: "event", name: "n", data: 1 };
    say(...Array.from({ length: 10_000 }, () => event));
    expect(look()).toHaveLength(10_002);
  });
});
