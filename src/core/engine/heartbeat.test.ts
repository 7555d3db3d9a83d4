import { expect, test } from "vitest";
import { manualClock } from "../../testing/manual-clock.ts";
import { startHeartbeat } from "./heartbeat.ts";

test("a silent peer is asked, and given up when it stays silent", () => {
  const { clock, log } = beating();
  clock.advance(30_000);
  expect(log).toEqual(["ask at 30000"]);
  clock.advance(15_000);
  expect(log).toEqual(["ask at 30000", "lost after 45000"]);
  expect(clock.waiting).toBe(0);
});

test("a peer that says anything at all is neither asked nor given up", () => {
  const { clock, log, hear } = beating();
  for (let i = 0; i < 10; i++) {
    clock.advance(20_000);
    hear();
  }
  expect(log).toEqual([]);
});

test("a peer that answers is asked again later", () => {
  const { clock, log, hear } = beating();
  clock.advance(30_000);
  hear();
  clock.advance(30_000);
  expect(log).toEqual(["ask at 30000", "ask at 60000"]);
});

test("after we were busy ourselves, the peer is asked anew and not blamed", () => {
  const log: string[] = [];
  let now = 0;
  let ring = () => {};
  const clock = {
    now: () => now,
    after: (_ms: number, run: () => void) => {
      ring = run;
      return () => {};
    },
  };
  const lost = (silentMs: number) => log.push(`lost after ${silentMs}`) < 0;
  startHeartbeat(
    { clock, lastHeard: () => 0, deaf: () => false, ask: () => void log.push("ask"), lost },
    {},
  );
  now = 30_000;
  ring();
  now = 90_000;
  ring();
  expect(log).toEqual(["ask", "ask"]);
  now = 105_000;
  ring();
  expect(log).toEqual(["ask", "ask", "lost after 105000"]);
});

test("while we do not read ourselves, the peer is told that we live and is not blamed", () => {
  const { clock, log, hear, setDeaf } = beating();
  clock.advance(1_000);
  setDeaf(true);
  clock.advance(64_000);
  expect(log).toEqual(["ask at 30000", "ask at 60000"]);
  setDeaf(false);
  clock.advance(25_000);
  hear();
  clock.advance(15_000);
  expect(log).toEqual(["ask at 30000", "ask at 60000", "ask at 90000"]);
});

test("a heartbeat that was stopped while it asked rings no more", () => {
  const clock = manualClock();
  const port = {
    clock,
    lastHeard: () => 0,
    deaf: () => false,
    ask: () => stop(),
    lost: () => false,
  };
  const stop = startHeartbeat(port, {});
  clock.advance(30_000);
  expect(clock.waiting).toBe(0);
});

function beating() {
  const clock = manualClock();
  const log: string[] = [];
  let heard = 0;
  let deaf = false;
  startHeartbeat(
    {
      clock,
      lastHeard: () => heard,
      deaf: () => deaf,
      ask: () => void log.push(`ask at ${clock.now()}`),
      lost: (silentMs) => log.push(`lost after ${silentMs}`) < 0,
    },
    {},
  );
  const hear = () => {
    heard = clock.now();
  };
  const setDeaf = (now: boolean) => {
    deaf = now;
  };
  return { clock, log, hear, setDeaf };
}
