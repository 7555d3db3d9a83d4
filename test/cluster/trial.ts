import { setTimeout as pause } from "node:timers/promises";
import { connect, generateKeys } from "../../src/presets/node.ts";
import { natsServer } from "../tools/nats-server.ts";
import { type NodeProcess, nodeProcess } from "./node-process.ts";

/** How large a trial is. */
export interface TrialSize {
  readonly clients: number;
  readonly outageMs: number;
}

/** What came of it. Times are in milliseconds. */
export interface TrialResult {
  /** From the word of a node until the last client has heard it. */
  readonly broadcastMs: number;
  /** Clients that heard a word not once. */
  readonly notOnce: readonly string[];
  /** Writes that were acknowledged, and those that are not there afterwards. */
  readonly acknowledged: number;
  readonly lost: readonly string[];
  /** From the death of a node until all its clients are served by others. */
  readonly resumedMs: number;
  /** From the engine's return until words and writes of all nodes reach all others. */
  readonly consistentMs: number;
}

const NODES = ["a", "b", "c"];
const WORDS = 5;

/** A client, and what it has heard. */
interface Listener {
  readonly client: Awaited<ReturnType<typeof connect>>;
  readonly heard: Map<string, number>;
}

/** Three nodes on NATS: a node is killed, and the engine goes away for a while. */
export async function trial({ clients, outageMs }: TrialSize): Promise<TrialResult> {
  const engine = await natsServer();
  const { secretKey, publicKey: pin } = await generateKeys();
  const secrets = { clusterKey: (await generateKeys()).secretKey, serverKey: secretKey };
  const nodes = await Promise.all(NODES.map((id) => nodeProcess(id, engine.url, secrets)));
  const listeners: Listener[] = [];
  try {
    for (let i = 0; i < clients; i++) listeners.push(await listening(nodes, i % NODES.length, pin));
    await holds(async () => {
      const others = await Promise.all(
        listeners.slice(0, 3).map((one) => one.client.call("others")),
      );
      return others.every((count) => count === NODES.length - 1);
    });
    const broadcastMs = await spoken(nodes, listeners, "first");
    const acknowledged = await written(listeners);
    const resumedMs = await withoutLast(nodes, listeners);
    const lost = await missing(listeners, acknowledged);
    const left = nodes.slice(0, -1);
    await spoken(left, listeners, "second");
    await engine.stop();
    await pause(outageMs);
    await engine.start();
    const consistentMs = await consistent(left, listeners);
    const notOnce = listeners.flatMap(({ heard }, i) =>
      [...heard].filter(([, times]) => times !== 1).map(([word]) => `${word} at ${i}`),
    );
    return { broadcastMs, notOnce, acknowledged: acknowledged.size, lost, resumedMs, consistentMs };
  } finally {
    await Promise.all(listeners.map(({ client }) => client.close()));
    await Promise.all(nodes.map((node) => node.kill()));
    await engine.remove();
  }
}

async function listening(nodes: readonly NodeProcess[], at: number, pin: string) {
  const addresses = nodes.map(({ address }) => address);
  const [first = "", ...otherNodes] = [...addresses.slice(at), ...addresses.slice(0, at)];
  const client = await connect(first, { pin, otherNodes, reconnect: { baseMs: 50, maxMs: 500 } });
  const heard = new Map<string, number>();
  const { ready } = client.onEvent("news", (data) => {
    heard.set(String(data), (heard.get(String(data)) ?? 0) + 1);
  });
  await ready;
  return { client, heard };
}

/** Every node says some words; over when all clients have heard all of them. */
async function spoken(
  nodes: readonly NodeProcess[],
  listeners: readonly Listener[],
  round: string,
): Promise<number> {
  const began = performance.now();
  const words = nodes.flatMap(({ nodeId }) =>
    Array.from({ length: WORDS }, (_, i) => `${round} ${i} of ${nodeId}`),
  );
  for (const node of nodes) {
    for (const word of words) if (word.endsWith(node.nodeId)) node.say(word);
  }
  await holds(async () => listeners.every(({ heard }) => words.every((word) => heard.has(word))));
  return performance.now() - began;
}

/** Every fifth client writes a variable of its own. */
async function written(listeners: readonly Listener[]): Promise<ReadonlyMap<string, number>> {
  const acknowledged = new Map<string, number>();
  const writers = listeners.filter((_, i) => i % 5 === 0);
  await Promise.all(
    writers.map(async ({ client }, i) => {
      for (let n = 1; n <= 5; n++) {
        await client.shared.set(`of-${i}`, n);
        acknowledged.set(`of-${i}`, n);
      }
    }),
  );
  return acknowledged;
}

/** Kills the last node; over when all clients are served by others. */
async function withoutLast(
  nodes: readonly NodeProcess[],
  listeners: readonly Listener[],
): Promise<number> {
  const last = nodes.at(-1);
  await last?.kill();
  const began = performance.now();
  const places = await Promise.all(
    listeners.map(({ client }) =>
      client.call("where", [], { idempotent: true, timeoutMs: 120_000 }),
    ),
  );
  if (places.includes(last?.nodeId)) throw new Error("a killed node has answered");
  return performance.now() - began;
}

/** Of each node that is left one client, and one that has come from the killed one, look for them. */
async function missing(
  listeners: readonly Listener[],
  acknowledged: ReadonlyMap<string, number>,
): Promise<readonly string[]> {
  let lost: string[] = [];
  const look = async ({ client }: Listener): Promise<void> => {
    for (const [name, n] of acknowledged) {
      const found = await client.shared.fetch(name);
      if (found !== n) lost.push(`${name} is ${String(found)}, not ${n}`);
    }
  };
  // A node reads what the engine has told it, which may be a little less than all.
  await holds(async () => {
    lost = [];
    await Promise.all(listeners.slice(0, NODES.length).map(look));
    return lost.length === 0;
  }).catch(() => {});
  return lost;
}

/** What one node says and writes reaches the clients of all. */
async function consistent(
  nodes: readonly NodeProcess[],
  listeners: readonly Listener[],
): Promise<number> {
  const began = performance.now();
  const probes = listeners.slice(0, NODES.length).map(({ client }) => client);
  await Promise.all(
    probes.map((client, i) => holds(() => client.shared.set(`after-${i}`, i).then(() => true))),
  );
  await holds(async () => {
    const seen = probes.flatMap((client) =>
      probes.map((_, i) => client.shared.fetch(`after-${i}`)),
    );
    return (await Promise.all(seen)).every((value, i) => value === i % probes.length);
  });
  // What was said while the nodes had not found each other yet has fallen; so until one is heard.
  const rounds: (readonly string[])[] = [];
  await holds(async () => {
    const words = nodes.map(({ nodeId }) => `after ${rounds.length} of ${nodeId}`);
    rounds.push(words);
    for (const [i, node] of nodes.entries()) node.say(words[i] ?? "");
    await pause(250);
    const heard = (word: string) => listeners.every((one) => one.heard.has(word));
    return rounds.some((round) => round.every(heard));
  });
  return performance.now() - began;
}

/** Until it holds, at most half a minute. */
async function holds(condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 30_000;
  for (;;) {
    const failure = await condition().then(
      (done) => (done ? undefined : new Error("it does not come to hold")),
      (thrown: unknown) => thrown,
    );
    if (failure === undefined) return;
    if (performance.now() > giveUpAt) throw failure;
    await pause(20);
  }
}
