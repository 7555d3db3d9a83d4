import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Flow } from "../lab-peer.ts";
import { Laboratory, missingLaboratory } from "../laboratory.ts";
import { tell, times, WHOLE, WHOLE_TIMEOUT } from "./figures.ts";
import { connect, DIRECT } from "./meet.ts";
import { Scene, type SceneOptions } from "./scene.ts";

const missing = missingLaboratory();
if (WHOLE) vi.setConfig(WHOLE_TIMEOUT);
const lab = new Laboratory("r");
afterEach(() => lab.down());

const RELAYED = { caller: "relay-udp", listener: "relay-udp", withinMs: 5_000 } as const;

/** Pieces flow from b to a while something happens; what came, and how long nothing did. */
async function during(
  options: SceneOptions,
  happens: (scene: Scene) => Promise<void>,
  afterMs = 6_000,
) {
  const scene = await Scene.open(lab, options);
  await connect(scene, options.a?.startsWith("symmetric") ? RELAYED : DIRECT);
  const flowing = scene.caller.flow();
  await wait(1_000);
  const from = scene.caller.statuses.length;
  const beganAt = Date.now();
  await happens(scene);
  const endedAt = Date.now();
  await wait(afterMs);
  await scene.caller.ask("stop");
  const flow = await flowing;
  const statuses = scene.caller.statuses.slice(from).map(({ status }) => status);
  return { flow, statuses, beganAt, endedAt };
}

/** The longest pause that ends after a moment; 0 when there was none. */
function pauseMs({ gaps }: Flow, sinceAt: number): number {
  return Math.max(0, ...gaps.filter(([, to]) => to >= sinceAt).map(([from, to]) => to - from));
}

/** From the end of something until the next piece. */
function resumedMs({ gaps }: Flow, endedAt: number): number {
  return Math.max(0, ...gaps.map(([from, to]) => (from <= endedAt ? to - endedAt : 0)));
}

/** Nothing passes this router. */
async function outage(scene: Scene, ms: number): Promise<void> {
  scene.lab.drop("ra", "forward", "");
  await wait(ms);
  scene.lab.clear("ra");
}

const STRICT = { a: "port-restricted", b: "port-restricted" } as const;
const HARD = { a: "symmetric", b: "symmetric" } as const;
const rebind =
  (side: string, ...more: readonly string[]) =>
  async (scene: Scene) =>
    scene.lab.change("rebind", side, ...more);

const REBINDINGS = [
  ["rebind a", STRICT, rebind("a"), 2_000],
  ["rebind b", STRICT, rebind("b"), 2_000],
  ["rebind a, relayed", HARD, rebind("a"), 2_000],
  ["rebind b, relayed", HARD, rebind("b"), 2_000],
  ["rebind a --address", STRICT, rebind("a", "--address"), 5_000],
  ["rebind b --address", STRICT, rebind("b", "--address"), 5_000],
  ["rebind a --host", STRICT, rebind("a", "--host"), 5_000],
  ["rebind b --host", STRICT, rebind("b", "--host"), 5_000],
] as const;

describe.skipIf(missing !== undefined)("a transfer goes on, complete and in order,", () => {
  test.each(WHOLE ? REBINDINGS : REBINDINGS.slice(0, 1))(
    "through %s",
    async (name, routers, happens, limitMs) => {
      const { flow, statuses, beganAt } = await during(routers, happens, times(6_000, 3_000));
      const gap = pauseMs(flow, beganAt);
      tell(name, `${limitMs / 1_000} s, no RECONNECTING`, `${gap} ms, ${flow.breaks} breaks`);
      expect(flow.wrong).toBe(0);
      expect(flow.breaks).toBe(0);
      expect(statuses).not.toContain("RECONNECTING");
      expect(gap).toBeLessThanOrEqual(limitMs);
    },
  );

  test.skipIf(!WHOLE).each([
    ["3 s", 3_000, 2_000],
    ["20 s", 20_000, 5_000],
    ["90 s", 90_000, 10_000],
  ])("after an outage of %s", async (name, ms, limitMs) => {
    const { flow, endedAt } = await during(STRICT, (scene) => outage(scene, ms), 12_000);
    const resumed = resumedMs(flow, endedAt);
    const figure = `${resumed} ms, ${flow.breaks} breaks, ${flow.pieces} pieces`;
    tell(`outage of ${name}`, `${limitMs / 1_000} s after its end`, figure);
    expect(flow.wrong).toBe(0);
    expect(flow.lastAt).toBeGreaterThan(endedAt);
    expect(resumed).toBeLessThanOrEqual(limitMs);
  });

  test.skipIf(!WHOLE)("when the relay is killed and runs again", async () => {
    const { flow, endedAt, statuses } = await during(
      HARD,
      async (scene) => {
        await scene.killService();
        await scene.restartService();
      },
      15_000,
    );
    const resumed = resumedMs(flow, endedAt);
    tell("relay killed and restarted", "5 s", `${resumed} ms, ${statuses.join(" ")}`);
    expect(flow.wrong).toBe(0);
    expect(flow.lastAt).toBeGreaterThan(endedAt);
    expect(resumed).toBeLessThanOrEqual(5_000);
  });

  test.skipIf(!WHOLE)("when the rendezvous is killed while the path is direct", async () => {
    const { flow, statuses } = await during(
      STRICT,
      async (scene) => {
        await scene.killService();
      },
      40_000,
    );
    tell("rendezvous killed while direct", "unaffected", `${pauseMs(flow, 0)} ms`);
    expect([flow.wrong, flow.breaks, statuses]).toEqual([0, 0, []]);
    expect(pauseMs(flow, 0)).toBeLessThanOrEqual(500);
  });
});
