import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { PROBE_BYTES } from "../../../src/peers/probe-seal.ts";
import { Laboratory, missingLaboratory } from "../laboratory.ts";
import { quantile, spread, tell, times, WHOLE, WHOLE_TIMEOUT } from "./figures.ts";
import { DIRECT, type Met, meet, type Wanted } from "./meet.ts";
import { type Pair, pairsThat, pathOf } from "./pairs.ts";
import { Scene } from "./scene.ts";

const missing = missingLaboratory();
if (missing !== undefined) console.warn(`the table of peers is not tested: ${missing}`);

if (WHOLE) vi.setConfig(WHOLE_TIMEOUT);
const lab = new Laboratory("p");
const badWeather = new Laboratory("w");
let scene: Scene;

const UDP_HEADER_BYTES = 8;

type OfPair = Met & { readonly pair: Pair };

/** Every pair so often, one after the other. */
async function meetings(
  pairs: readonly Pair[],
  wanted: (pair: Pair) => Wanted,
  repeat: number,
  where: Scene = scene,
): Promise<readonly OfPair[]> {
  const all: OfPair[] = [];
  for (const pair of pairs) {
    await where.routers(...pair);
    for (let i = 0; i < repeat; i++) all.push({ pair, ...(await meet(where, wanted(pair))) });
  }
  return all;
}

/** The times until the wanted path, and the pairs that did not get it. */
function judged(all: readonly OfPair[]) {
  const got = all.flatMap(({ wantedMs }) => wantedMs ?? []);
  const failed = all.filter(({ wantedMs }) => wantedMs === undefined);
  return { got, failed: failed.map(({ pair }) => pair.join(" and ")) };
}

/** In short runs some pairs stand for all. */
function some(pairs: readonly Pair[], chosen: readonly string[]): readonly Pair[] {
  return WHOLE ? pairs : pairs.filter((pair) => chosen.includes(pair.join("+")));
}

const relayed = (pair: Pair): Wanted => {
  const [a, b] = pair;
  return { caller: pathOf(pair), listener: pathOf([b, a]), withinMs: 6_000 };
};

describe.skipIf(missing !== undefined)("two peers behind routers", () => {
  beforeAll(async () => {
    scene = await Scene.open(lab);
  });

  afterAll(async () => {
    await lab.down();
    await badWeather.down();
  });

  const punched = some(
    [...pairsThat("punched")],
    ["open+symmetric", "port-restricted+firewall", "restricted+symmetric-seq"],
  );

  test("meet directly, where a simultaneous open gets through", async () => {
    const all = await meetings(punched, () => DIRECT, times(10, 2));
    const { got, failed } = judged(all);
    const figure = `${got.length} of ${all.length}, ${spread(got)}`;
    tell(`${punched.length} punchable pairs`, "all; median 500 ms, worst 2 s", figure);
    expect(failed).toEqual([]);
    expect(quantile(got, 0.5)).toBeLessThanOrEqual(500);
    expect(quantile(got, 1)).toBeLessThanOrEqual(2_000);
  });

  test.skipIf(!WHOLE)("meet directly in bad weather as well", async () => {
    const words = { lab: ["--impair", "loss=5,delay=25"] };
    const all = await meetings(punched, () => DIRECT, 10, await Scene.open(badWeather, words));
    const { got, failed } = judged(all);
    const figure = `${got.length} of ${all.length}, ${spread(got)}`;
    tell("the same, each router loses 5 %, 25 ms", "99 %; worst 4 s", figure);
    expect(failed.length).toBeLessThanOrEqual(all.length / 100);
    expect(quantile(got, 1)).toBeLessThanOrEqual(4_000);
  });

  test("guess the ports of a router that counts", async () => {
    const pairs = some(pairsThat("guessed"), ["port-restricted+symmetric-seq"]);
    const probes = lab.count("a", `udp length ${PROBE_BYTES + UDP_HEADER_BYTES}`);
    const all = await meetings(pairs, () => DIRECT, times(20, 2));
    const each = Math.round(probes() / all.length);
    const { got, failed } = judged(all);
    const figure = `${got.length} of ${all.length}, ${spread(got)}, ${each} probes`;
    tell("strict filters and symmetric-seq", "95 % within 3 s, at most 64 probes", figure);
    expect(failed.length).toBeLessThanOrEqual(all.length / 20);
    expect(quantile(got, 0.95)).toBeLessThanOrEqual(3_000);
    expect(each).toBeLessThanOrEqual(64);
  });

  test("meet by chance where one router gives random ports", async () => {
    const pairs = some(pairsThat("birthday"), ["port-restricted+symmetric"]);
    const wanted = { ...DIRECT, withinMs: 12_000 };
    const all = await meetings(pairs, () => wanted, times(20, 1));
    const { got } = judged(all);
    const inTime = got.filter((ms) => ms <= 10_000);
    const usable = all.map(({ usableMs }) => usableMs);
    const figure = `${inTime.length} of ${all.length}, ${spread(got)}; calls: ${spread(usable)}`;
    tell("strict filters and random ports", "95 % within 10 s; calls after 1 s", figure);
    expect(inTime.length).toBeGreaterThanOrEqual(all.length * 0.95);
    expect(quantile(usable, 1)).toBeLessThanOrEqual(1_000);
  });

  test("are relayed by UDP where both routers give other ports", async () => {
    const pairs = some(pairsThat("relay-udp"), ["symmetric+symmetric"]);
    const all = await meetings(pairs, relayed, times(10, 2));
    const { got, failed } = judged(all);
    const figure = `${got.length} of ${all.length}, ${spread(got)}`;
    tell("symmetric and symmetric, by relay", "all within 1 s", figure);
    expect(failed).toEqual([]);
    expect(quantile(got, 1)).toBeLessThanOrEqual(1_000);
  });

  test("are relayed by WebSocket where UDP is blocked", async () => {
    const pairs = some(pairsThat("relay-ws"), ["blocked+open", "symmetric+blocked"]);
    const all = await meetings(pairs, relayed, times(10, 1));
    const { got, failed } = judged(all);
    const figure = `${got.length} of ${all.length}, ${spread(got)}`;
    tell("blocked and anything, by relay", "all within 2 s", figure);
    expect(failed).toEqual([]);
    expect(quantile(got, 1)).toBeLessThanOrEqual(2_000);
  });
});
