import { expect, test } from "vitest";
import { lengthPrefix } from "../../framing/length-prefix.ts";
import type { Session } from "../contracts/dialect.ts";
import type { Message } from "../model/message.ts";
import { receiveLoop } from "./receive-loop.ts";
import { wholeFrames } from "./whole-frames.ts";

const PING: Message = { kind: "ping" };

/** A session whose frames say in their first byte how many messages they hold. */
function counting(unpackedBytes?: number): Session {
  return {
    nextCallId: () => 1,
    decode: ([count = 0]) => Array.from({ length: count }, () => PING),
    encode: () => [],
    ...(unpackedBytes !== undefined && { unpackedBytes }),
  };
}

/** The share of the bytes that each message is given. */
async function shares(frames: readonly Uint8Array[], session: Session): Promise<number[]> {
  const given: number[] = [];
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield* frames.slice(1);
  }
  const framing = wholeFrames(1_000);
  const early = frames.slice(0, 1);
  await receiveLoop(chunks(), early, framing, session, (_, bytes) => given.push(bytes));
  return given;
}

const frame = (count: number, bytes: number) => new Uint8Array(bytes).fill(count, 0, 1);

test("the messages of a frame share its bytes", async () => {
  expect(await shares([frame(2, 10), frame(1, 7)], counting())).toEqual([5, 5, 7]);
});

test("frames without messages count for those that follow, to whom they belong", async () => {
  const frames = [frame(0, 100), frame(0, 50), frame(1, 10), frame(1, 10)];
  expect(await shares(frames, counting())).toEqual([160, 10]);
});

test("what was packed counts as large as it has become", async () => {
  expect(await shares([frame(2, 10)], counting(990))).toEqual([500, 500]);
});

test("leaves the rest of a chunk when a frame is refused and it goes on elsewhere", async () => {
  const refused = new Error("refused");
  const decode = ([count = 0]: Uint8Array): Message[] => {
    if (count === 9) throw refused;
    return [PING];
  };
  const session: Session = { ...counting(), decode };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(0, 0, 0, 1, 1, 0, 0, 0, 1, 9, 0, 0, 0, 1, 1);
    yield Uint8Array.of(0, 0, 0, 1, 1);
  }
  const received: Message[] = [];
  const framing = lengthPrefix({ maxFrameBytes: 100 });
  const lasting = { ...framing, refused: (error: unknown) => error === refused };
  const take = (message: Message) => received.push(message);
  await receiveLoop(chunks(), [], lasting, session, take);
  expect(received.length).toBe(2);
  await expect(receiveLoop(chunks(), [], framing, session, take)).rejects.toBe(refused);
});
