import { describe, expect, test } from "vitest";
import { frameOf } from "../../../test/netconduit/peers.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { Flow, plainContent } from "./flow.ts";
import { FRAME_TYPES, parseFrame } from "./frame.ts";
import { netconduitSettings } from "./options.ts";

const news = (n: number) => plainContent({ kind: "event", name: "news", data: n });
const take = (flow: Flow, type: number) => flow.receive(parseFrame(frameOf(type)));

/** A flow, its clock, and what it would send if it were asked. */
function flowing(maxFrameBytes = 16_777_216) {
  const clock = manualClock();
  const sent: Uint8Array[] = [];
  const flow: Flow = new Flow(netconduitSettings({ now: () => 0 }), maxFrameBytes, {
    after: (ms, run) => clock.after(ms, run),
    flush: () => sent.push(...flow.send([])),
  });
  const types = () => sent.map((frame) => parseFrame(frame).type);
  return { flow, clock, sent, types };
}

describe("a pause that the peer asks for", () => {
  test("pause-broadcast-resume: what is said meanwhile leaves at RESUME, in order", () => {
    const { flow, sent } = flowing();
    expect(take(flow, FRAME_TYPES.pause)).toEqual([]);
    expect(flow.send([news(1), news(2)])).toEqual([]);
    expect(take(flow, FRAME_TYPES.resume)).toEqual([]);
    const other = flowing();
    expect(sent).toEqual(other.flow.send([news(1), news(2)]));
    expect(flow.send([news(3)])).toHaveLength(1);
  });

  test("pause-with-request-in-one-segment: ends by itself after thirty seconds", () => {
    const { flow, clock, sent } = flowing();
    take(flow, FRAME_TYPES.pause);
    flow.send([news(1)]);
    clock.advance(29_999);
    expect(sent).toHaveLength(0);
    clock.advance(1);
    expect(sent).toHaveLength(1);
  });

  test("pause-then-ping: heartbeats go on, so that nobody is taken for gone", () => {
    const { flow } = flowing();
    take(flow, FRAME_TYPES.pause);
    const frames = flow.send([news(1), { type: FRAME_TYPES.pong }, { type: FRAME_TYPES.ping }]);
    expect(frames.map((frame) => parseFrame(frame).type)).toEqual([6, 5]);
  });

  test("holds back so much and no more", () => {
    const { flow } = flowing();
    take(flow, FRAME_TYPES.pause);
    const large = plainContent({ kind: "event", name: "large", data: "x".repeat(1_000_000) });
    const left = [1, 2, 3, 4, 5].map(() => flow.send([large]).length);
    expect(left).toEqual([0, 0, 0, 0, 5]);
  });

  test("begins anew when it is asked for again", () => {
    const { flow, clock, sent } = flowing();
    take(flow, FRAME_TYPES.pause);
    flow.send([news(1)]);
    clock.advance(20_000);
    take(flow, FRAME_TYPES.pause);
    clock.advance(20_000);
    expect(sent).toHaveLength(0);
    clock.advance(10_000);
    expect(sent).toHaveLength(1);
  });
});

describe("the quiet after a login", () => {
  test("holds back everything until the client speaks", () => {
    const { flow, types } = flowing();
    flow.beQuiet(50);
    expect(flow.send([{ type: FRAME_TYPES.ping }, news(1)])).toEqual([]);
    flow.heard();
    expect(types()).toEqual([FRAME_TYPES.ping, FRAME_TYPES.message]);
  });

  test("is over after its time, and is none at all without one", () => {
    const { flow, clock, types } = flowing();
    flow.beQuiet(50);
    flow.send([news(1)]);
    clock.advance(50);
    expect(types()).toEqual([FRAME_TYPES.message]);
    const never = flowing();
    never.flow.beQuiet(0);
    expect(never.flow.send([news(1)])).toHaveLength(1);
  });
});

test("a message that is too large changes nothing for the others", () => {
  const { flow } = flowing(1_000);
  const large = plainContent({ kind: "event", name: "large", data: "x".repeat(2_000) });
  expect(() => flow.send([news(1), large])).toThrow("does not fit into a frame of 1000");
  expect(flow.send([news(1)])).toHaveLength(1);
  expect(() => plainContent({ kind: "goodbye" })).toThrow("cannot carry this: goodbye");
});
