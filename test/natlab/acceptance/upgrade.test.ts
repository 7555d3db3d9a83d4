import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Flow, LabStatus } from "../lab-peer.ts";
import { Laboratory, missingLaboratory } from "../laboratory.ts";
import { tell, WHOLE, WHOLE_TIMEOUT } from "./figures.ts";
import { connect } from "./meet.ts";
import { Scene } from "./scene.ts";

const missing = missingLaboratory();
if (missing === undefined && !WHOLE) {
  console.warn("the slow rows of the table of peers run with SEALWIRE_NATLAB=all");
}
if (WHOLE) vi.setConfig(WHOLE_TIMEOUT);
const lab = new Laboratory("u");
afterEach(() => lab.down());

const RELAYED = { caller: "relay-udp", listener: "relay-udp", withinMs: 5_000 } as const;
const onPath = (path: string) => (told: LabStatus) => told.path === path;
const longest = ({ gaps }: Flow) => Math.max(0, ...gaps.map(([from, to]) => to - from));

describe.skipIf(missing !== undefined || !WHOLE)("a path", () => {
  test("changes from the relay to direct and back without a pause", async () => {
    const scene = await Scene.open(lab, { a: "port-restricted", b: "symmetric" });
    await connect(scene, RELAYED);
    const flowing = scene.caller.flow();
    const up = await scene.caller.status(onPath("direct"), 15_000);
    await wait(3_000);
    const from = scene.caller.statuses.length;
    scene.lab.drop("ra", "forward", "ip daddr 198.51.100.12 meta l4proto udp");
    const back = await scene.caller.status(onPath("relay-udp"), 10_000, from);
    await wait(3_000);
    await scene.caller.ask("stop");
    const flow = await flowing;
    tell("relay to direct and back under load", "no pause over 500 ms", `${longest(flow)} ms`);
    expect([up, back].map((told) => told?.status)).toEqual(["UDP_ESTABLISHED", "UDP_ESTABLISHED"]);
    expect([flow.wrong, flow.breaks]).toEqual([0, 0]);
    expect(longest(flow)).toBeLessThanOrEqual(500);
  });

  test.each([
    ["60 s, mappings of 15 s", 60_000, ["--udp-timeout", "15"], "port-restricted"],
    ["60 s relayed, mappings of 15 s", 60_000, ["--udp-timeout", "15"], "symmetric"],
    ["5 minutes", 300_000, [], "port-restricted"],
  ] as const)("that was idle for %s is there at once", async (name, idleMs, words, mode) => {
    const scene = await Scene.open(lab, { a: mode, b: mode, lab: words });
    const direct = { ...RELAYED, caller: "direct", listener: "direct" } as const;
    await connect(scene, mode === "symmetric" ? RELAYED : direct);
    await wait(2_000);
    const from = scene.caller.statuses.length;
    await wait(idleMs);
    const { beganAt, at } = await scene.caller.ask("call");
    const tookMs = Number(at) - Number(beganAt);
    const statuses = scene.caller.statuses.slice(from).map(({ status }) => status);
    tell(`idle for ${name}`, "no RECONNECTING", `first call ${tookMs} ms`);
    expect(statuses).toEqual([]);
    expect(tookMs).toBeLessThanOrEqual(500);
  });
});
