import { afterEach, expect, test } from "vitest";
import { openSrmudp, type SrmudpLink } from "../../src/transports/srmudp/open-srmudp.ts";
import { tell, WHOLE } from "../tools/figures.ts";
import { freePorts } from "../tools/free-ports.ts";
import { type Relay, relay, type Weather } from "../tools/relay.ts";

const SEEDS = WHOLE ? 50 : 6;
const MESSAGES = WHOLE ? 1_000 : 300;
const LIMIT_MS = WHOLE ? 600_000 : 60_000;
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Two links of ours with weather between them, and how long both took to be established. */
async function met(weather: Weather, seed: number) {
  const [near = 0, far = 0, listen = 0, back = 0] = await freePorts(4);
  const between = await relay({ client: near, to: far, listen, back }, weather, seed);
  closers.push(() => between.close());
  const beganMs = performance.now();
  const [one, other] = await Promise.all([opened(near, listen), opened(far, back)]);
  await Promise.all([one.established, other.established]);
  return { near: one.link, far: other.link, between, tookMs: performance.now() - beganMs };
}

async function opened(port: number, remote: number) {
  let begin = () => {};
  const established = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const link = await openSrmudp({
    ...{ bind: { host: "127.0.0.1", port }, remote: { host: "127.0.0.1", port: remote } },
    onState: ({ state }) => (state === "established" ? begin() : undefined),
  });
  return { link, established };
}

/** Without goodbyes, which would take their time in such weather. */
async function parted(between: Relay, ...links: readonly SrmudpLink[]): Promise<void> {
  await between.set({ loss: 0, dup: 0, reorder: 0 });
  await Promise.all(links.map((link) => link.close()));
}

test(
  "both sides are established with one key in a storm, within ten seconds",
  async () => {
    const times: number[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { near, far, between, tookMs } = await met({ dup: 20, reorder: 20, loss: 10 }, seed);
      times.push(tookMs);
      const message = Uint8Array.of(seed, 2, 3);
      const arrival = far.messages[Symbol.asyncIterator]().next();
      await near.send(message);
      expect((await arrival).value).toEqual(message);
      await parted(between, near, far);
    }
    tell(
      `SRMUDP handshake, dup 20 reorder 20 loss 10, ${SEEDS} seeds`,
      "100 % established, <= 10 s",
      `${times.length} of ${SEEDS}, worst ${Math.max(...times).toFixed(0)} ms`,
    );
    expect(Math.max(...times)).toBeLessThan(10_000);
  },
  LIMIT_MS,
);

test(
  "a message of one packet arrives within a second, also when it is lost",
  async () => {
    const { near, far, between } = await met({ loss: 5, delay: 2 }, 7);
    const arrivals = far.messages[Symbol.asyncIterator]();
    const times: number[] = [];
    for (let count = 0; count < MESSAGES; count++) {
      const beganMs = performance.now();
      const sent = near.send(new Uint8Array(9));
      await arrivals.next();
      times.push(performance.now() - beganMs);
      await sent;
    }
    const sorted = times.toSorted((one, other) => one - other);
    const p99 = sorted[Math.floor(0.99 * MESSAGES)] ?? Number.NaN;
    tell(
      `SRMUDP, message of one packet, 5 % loss, ${MESSAGES} times`,
      "p99 <= 1 s",
      `p99 ${p99.toFixed(0)} ms, worst ${sorted.at(-1)?.toFixed(0)} ms`,
    );
    expect(p99).toBeLessThan(1_000);
    await parted(between, near, far);
  },
  LIMIT_MS,
);
