import { type Client, connect, SealwireError } from "sealwire";

/** What a scenario in the page is told by the test. */
export interface Facts extends Pick<Options, "pin" | "credentials"> {
  readonly url: string;
}

type Options = NonNullable<Parameters<typeof connect>[1]>;

/** What the page does; each resolves with something that can leave the page. */
export interface Scenarios {
  whoami(facts: Facts): Promise<unknown>;
  refusal(facts: Facts): Promise<string>;
  richValues(facts: Facts): Promise<Readonly<Record<string, unknown>>>;
  bigBytes(facts: Facts, megabytes: number): Promise<boolean>;
  streams(facts: Facts): Promise<Readonly<Record<string, unknown>>>;
  events(facts: Facts): Promise<readonly unknown[]>;
  calledBack(facts: Facts): Promise<unknown>;
  cancelled(facts: Facts): Promise<string>;
  late(facts: Facts): Promise<string>;
  /** Stays connected for the next two. */
  stay(facts: Facts): Promise<void>;
  afterBreak(): Promise<{ readonly sum: unknown; readonly states: readonly string[] }>;
  /** Reads a stream while the path is cut by a call. */
  overCut(facts: Facts, items: number): Promise<OverCut>;
  ticksSeen(): Promise<number>;
  leave(): Promise<void>;
}

interface OverCut {
  readonly call: unknown;
  readonly recovered: readonly boolean[];
  readonly got: readonly unknown[];
}

interface Staying {
  readonly client: Client;
  readonly states: string[];
  ticks: number;
}

/** Runs in the page; `sealwire` is the browser entry there. */
export function scenarios(): Scenarios {
  let staying: Staying | undefined;
  return {
    whoami: (facts) => connected(facts, (client) => client.call("whoami")),
    refusal: (facts) => codeOf(connected(facts, (client) => client.call("whoami"))),
    richValues: (facts) => connected(facts, richValues),
    bigBytes: (facts, megabytes) => connected(facts, (client) => bigBytes(client, megabytes)),
    streams: (facts) => connected(facts, streams),
    events: (facts) => connected(facts, events),
    calledBack: (facts) =>
      connected(facts, (client) => {
        client.expose({ inPage: (text: string) => `${text} in ${document.title}` });
        return client.call("callBack", ["hello"]);
      }),
    cancelled: (facts) => connected(facts, cancelled),
    late: (facts) =>
      connected(facts, (client) => codeOf(client.call("hang", [], { timeoutMs: 50 }))),
    async stay(facts) {
      const client = await connect(facts.url, { ...facts, reconnect: { maxMs: 100 } });
      const kept: Staying = { client, states: [], ticks: 0 };
      client.onState((state) => kept.states.push(state));
      await client.onEvent("tick", () => kept.ticks++).ready;
      staying = kept;
    },
    async afterBreak() {
      const { client, states } = present(staying);
      return { sum: await client.call("add", [2, 3], { idempotent: true }), states };
    },
    async overCut(facts, items) {
      const client = await connect(facts.url, { ...facts, reconnect: { baseMs: 1, maxMs: 50 } });
      const recovered: boolean[] = [];
      client.onState((state, _, went) => void (state === "open" && recovered.push(went)));
      const call = client.call("cut");
      const got: unknown[] = [];
      for await (const item of client.stream("count", [items])) got.push(item);
      const seen = { call: await call, recovered, got };
      await client.close();
      return seen;
    },
    ticksSeen: async () => present(staying).ticks,
    leave: () => present(staying).client.close(),
  };
}

async function connected<Result>(
  facts: Facts,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(facts.url, { ...facts, reconnect: false });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => "went well",
    (error: unknown) => (error instanceof SealwireError ? error.code : String(error)),
  );
}

async function richValues(client: Client): Promise<Readonly<Record<string, unknown>>> {
  const sent = {
    bytes: Uint8Array.of(1, 2, 255),
    big: 2n ** 70n,
    date: new Date(86_400_000),
    map: new Map([["a", new Set([1, 2])]]),
    text: "🦭",
    failure: new RangeError("too far"),
  };
  const back = (await client.call("echo", [sent])) as typeof sent;
  return {
    bytes: [...back.bytes],
    big: String(back.big),
    date: back.date.toISOString(),
    set: [...(back.map.get("a") ?? [])],
    text: back.text,
    failure: back.failure instanceof Error ? back.failure.message : "no error",
  };
}

/** As big as a message may be, there and back. */
async function bigBytes(client: Client, megabytes: number): Promise<boolean> {
  const sent = new Uint8Array(megabytes * 1_048_576).map((_, at) => at * 7 + (at >> 8));
  const back = (await client.call("echo", [sent])) as Uint8Array;
  return back.length === sent.length && back.every((byte, at) => byte === sent[at]);
}

async function streams(client: Client): Promise<Readonly<Record<string, unknown>>> {
  let down = 0;
  for await (const item of client.stream("count", [1_000])) down += Number(item);
  const up = await client.call("sum", [], { input: upTo(1_000) });
  const both: unknown[] = [];
  for await (const item of client.stream("double", [], { input: upTo(5) })) both.push(item);
  const parts = await client.call("size", [], { input: chunks(64) });
  return { down, up, both, parts };
}

async function* upTo(count: number): AsyncGenerator<number, void> {
  for (let number = 1; number <= count; number++) yield number;
}

/** More than the socket takes at once, so that the page has to wait for room. */
async function* chunks(count: number): AsyncGenerator<Uint8Array, void> {
  for (let number = 0; number < count; number++) yield new Uint8Array(262_144);
}

async function events(client: Client): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const all = new Promise<void>((resolve) => {
    client.onEvent("answered", (data) => {
      if (seen.push(data) === 3) resolve();
    });
  });
  for (const word of ["one", "two", "three"]) await client.emit("asked", word);
  await all;
  return seen;
}

async function cancelled(client: Client): Promise<string> {
  const leaving = new AbortController();
  const call = codeOf(client.call("hang", [], { signal: leaving.signal }));
  await client.call("hanging");
  leaving.abort();
  return call;
}

function present(staying: Staying | undefined): Staying {
  if (staying === undefined) throw new Error("the page has not connected yet");
  return staying;
}
