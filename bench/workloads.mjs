/** The client's side of each workload: what is timed, and that the answers are right. */
import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";

const CONNECTING_AT_ONCE = 16;

/** The payloads of W3, and how many are on their way at once. */
const ECHOES = Object.freeze({
  k1: { size: 1024, lanes: 16 },
  k64: { size: 64 * 1024, lanes: 16 },
  m1: { size: 1024 * 1024, lanes: 4 },
});

export const WARM = {
  w1: (peer, { warmMs }) => inFlight(1, warmMs, (i) => add(peer, i)),
  w2: (peer, { warmMs }) => inFlight(64, warmMs, (i) => add(peer, i)),
  async w3(peer, { warmMs, echoes = Object.keys(ECHOES) }) {
    for (const name of echoes) {
      const { size, lanes } = ECHOES[name];
      await echo(peer, size, lanes, warmMs / echoes.length);
    }
  },
  w4: (peer, { items, warmMs }) => streams(peer, items, warmMs),
  w6: async () => {},
};

export const MEASURE = {
  /** One call in flight: microseconds. */
  async w1(peer, { runMs }) {
    const times = [];
    await inFlight(1, runMs, async (i) => {
      const start = performance.now();
      await add(peer, i);
      times.push(performance.now() - start);
    });
    times.sort((a, b) => a - b);
    const at = (share) => 1000 * times[Math.floor(times.length * share)];
    return { p50: at(0.5), p99: at(0.99) };
  },

  /** 64 calls in flight on one connection. */
  async w2(peer, { runMs }) {
    const { count, ms } = await inFlight(64, runMs, (i) => add(peer, i));
    return { calls: (1000 * count) / ms, count };
  },

  /** Echo of bytes: megabytes a second, each payload counted once. */
  async w3(peer, { runMs, echoes = Object.keys(ECHOES) }) {
    const result = {};
    for (const name of echoes) {
      const { size, lanes } = ECHOES[name];
      result[name] = await echo(peer, size, lanes, runMs);
    }
    return result;
  },

  /** Streams of small items from the server, one after the other: items a second. */
  async w4(peer, { items, runMs }) {
    return { items: await streams(peer, items, runMs) };
  },

  /** Connections set up and authenticated one after the other, a few at once, all kept. */
  async w6(connect, { connections }, kept) {
    const first = kept.length;
    const start = performance.now();
    const lane = async () => {
      while (kept.length < first + connections) {
        const place = kept.push(undefined) - 1;
        kept[place] = await connect();
      }
    };
    await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, lane));
    return { connects: (1000 * connections) / (performance.now() - start) };
  },
};

async function inFlight(lanes, ms, work) {
  const start = performance.now();
  const end = start + ms;
  let count = 0;
  const lane = async () => {
    while (performance.now() < end) await work(count++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { count, ms: performance.now() - start };
}

async function add(peer, i) {
  const sum = await peer.add(i, 3);
  if (sum !== i + 3) throw new Error(`add answered ${sum} instead of ${i + 3}`);
}

async function echo(peer, size, lanes, ms) {
  const payload = randomBytes(size);
  const run = await inFlight(lanes, ms, async () => {
    const back = await peer.echo(payload);
    const same =
      back.length === size && back[0] === payload[0] && back[size - 1] === payload[size - 1];
    if (!same) throw new Error(`echo of ${size} bytes came back changed`);
  });
  return (run.count * size) / 1e6 / (run.ms / 1000);
}

/** Warm as the others are: a single stream is over before the compilers are. */
async function streams(peer, items, ms) {
  const start = performance.now();
  let count = 0;
  let passedMs = 0;
  for (; passedMs < ms; passedMs = performance.now() - start) {
    await stream(peer, items);
    count += items;
  }
  return (1000 * count) / passedMs;
}

async function stream(peer, items) {
  const got = await peer.stream(items);
  if (got !== items) throw new Error(`${got} items came instead of ${items}`);
}
