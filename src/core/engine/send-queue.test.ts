import { expect, test } from "vitest";
import type { Session } from "../contracts/dialect.ts";
import type { Channel } from "../contracts/transport.ts";
import { SealwireError } from "../model/errors.ts";
import type { Message } from "../model/message.ts";
import type { Link } from "./handshake.ts";
import { SendQueue } from "./send-queue.ts";
import { wholeFrames } from "./whole-frames.ts";

test("what is said in one turn leaves as one batch", () => {
  const { queue, endTurn, batches } = setUp();
  queue.push(call(1));
  queue.push(call(2));
  endTurn();
  expect(batches).toEqual([[1, 2]]);
});

test("while the channel is full nothing is sealed, then all of it at once", async () => {
  const { queue, endTurn, batches, fill, drain } = setUp();
  fill();
  queue.push(call(1));
  endTurn();
  queue.push(call(2));
  queue.push(call(3));
  endTurn();
  expect(batches).toEqual([[1]]);
  const room = queue.room();
  await drain();
  await room;
  expect(batches).toEqual([[1], [2, 3]]);
});

test("what is said while a batch is sealed leaves after it, never before", () => {
  const { queue, endTurn, batches } = setUp({ refuse: (id) => id === 1 });
  queue.push(call(1));
  queue.push(call(2));
  for (let turn = 0; turn < 3; turn++) endTurn();
  expect(batches.flat()[0]).toBe(2);
  expect(batches.flat()).toHaveLength(1 + CANCELS);
});

test("answers beyond the bound of a peer that does not read become errors", async () => {
  const { queue, endTurn, fill, drain, kinds } = setUp();
  fill();
  queue.push(call(1));
  endTurn();
  for (let id = 2; id < 6; id++) {
    queue.push({ kind: "result", id, value: new Uint8Array(400_000) });
  }
  expect(queue.held).toBe(4);
  await drain();
  expect(kinds()).toEqual(["result", "result", "error", "error"]);
});

test("a closed queue drops what is said and lets those go on who wait", async () => {
  const { queue, endTurn, batches, fill } = setUp();
  fill();
  queue.push(call(1));
  endTurn();
  const room = queue.room();
  const emptied = queue.emptied();
  queue.close();
  await room;
  queue.push(call(2));
  endTurn();
  expect(batches).toEqual([[1]]);
  expect(queue.room()).toBeUndefined();
  void emptied;
});

test("sealing that fails for good is told once and does not throw", () => {
  const { queue, endTurn, failures } = setUp({ broken: true });
  queue.push({ kind: "ping" });
  endTurn();
  expect(failures).toHaveLength(1);
});

/** Said in answer to a refusal: more than any batch holds. */
const CANCELS = 5_000;

interface SetUp {
  readonly refuse?: (id: number) => boolean;
  readonly broken?: boolean;
}

function setUp({ refuse = () => false, broken = false }: SetUp = {}) {
  const batches: number[][] = [];
  const failures: unknown[] = [];
  const turns: (() => void)[] = [];
  let full: Promise<void> | undefined;
  let empty = () => {};
  let kinds: readonly string[] = [];
  const session: Pick<Session, "encode"> = {
    encode(batch) {
      if (broken) throw new SealwireError("INTERNAL", "no more nonces");
      if (batch.some((message) => "id" in message && refuse(Number(message.id)))) throw unfit();
      kinds = batch.map(({ kind }) => kind);
      if (batch.length === 0) return [];
      return [Uint8Array.from(batch.flatMap((message) => bytesOf(message)))];
    },
  };
  const channel: Pick<Channel, "write"> = {
    write(chunks) {
      for (const chunk of chunks) batches.push(idsIn(chunk));
      return full;
    },
  };
  const link = { session, channel, framing: wholeFrames(1_000_000) } as Link;
  const queue: SendQueue = new SendQueue(
    link,
    { endOfTurn: (run) => void turns.push(run) },
    1_000_000,
    {
      refuse() {
        for (let i = 0; i < CANCELS; i++) queue.push({ kind: "cancel", id: 10_000 + i });
        return undefined;
      },
      fail: (error) => void failures.push(error),
      flushed: () => undefined,
      drained: () => {},
    },
  );
  return {
    ...{ queue, batches, failures },
    endTurn: () => {
      for (const run of turns.splice(0)) run();
    },
    fill: () => {
      full = new Promise((resolve) => {
        empty = resolve;
      });
    },
    drain: async () => {
      full = undefined;
      empty();
      await Promise.resolve();
    },
    kinds: () => kinds,
  };
}

const call = (id: number): Message => ({
  kind: "call",
  id,
  procedure: "p",
  args: { positional: [], named: {} },
});
const unfit = () => new SealwireError("INVALID_ARGUMENT", "unfit");

function bytesOf(message: Message): number[] {
  const id = "id" in message ? Number(message.id) : 0;
  return [id >> 16, (id >> 8) & 255, id & 255];
}

function idsIn(chunk: Uint8Array): number[] {
  const ids: number[] = [];
  for (let i = 0; i < chunk.length; i += 3) {
    ids.push(((chunk[i] ?? 0) << 16) | ((chunk[i + 1] ?? 0) << 8) | (chunk[i + 2] ?? 0));
  }
  return ids;
}
