import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { join } from "../bytes/join.ts";
import type { Transport } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import { type End, Ends, pattern, readBytes, readChunks, sameBytes } from "./channel-ends.ts";

/** A transport and where it may listen; its `connect` must trust its own `listen`. */
export interface TransportUnderTest {
  readonly transport: Transport;
  /** Free each time: port 0, or a name nobody uses. */
  readonly address: URL;
}

const MEBIBYTE = 1_048_576;
const REASON = new SealwireError("PROTOCOL_VIOLATION", "the suite breaks the path");

/**
 * Proves that a transport keeps its contract. Call it in a test file of vitest.
 *
 * @example
 * transportSuite("tcp", () => ({ transport: tcp(), address: new URL("tcp://127.0.0.1:0") }));
 */
export function transportSuite(
  name: string,
  make: () => TransportUnderTest | Promise<TransportUnderTest>,
): void {
  const suite: Suite = {
    ends: new Ends(),
    open: async () => suite.ends.open(...(await suite.made())),
    made: async () => {
      const { transport, address } = await make();
      return [transport, address];
    },
  };
  describe(`transport ${name}`, () => {
    beforeEach(() => {
      suite.ends = new Ends();
    });
    afterEach(() => suite.ends.closeAll());
    moving(suite);
    ending(suite);
    waiting(suite);
    meeting(suite);
  });
}

interface Suite {
  ends: Ends;
  open(): ReturnType<Ends["open"]>;
  made(): Promise<[Transport, URL]>;
}

function moving(suite: Suite): void {
  test("carries chunks both ways", async () => {
    const { near, far } = await suite.open();
    await near.channel.write([Uint8Array.of(1, 2, 3)]);
    expect(await readBytes(far, 3)).toEqual(Uint8Array.of(1, 2, 3));
    await far.channel.write([Uint8Array.of(4)]);
    expect(await readBytes(near, 1)).toEqual(Uint8Array.of(4));
  });

  test("keeps thousands of small chunks in order, each intact although later ones came", async () => {
    const { near, far } = await suite.open();
    const sent = Array.from({ length: 3_000 }, (_, i) => pattern(1 + (i % 40), i));
    const reading = readAll(far);
    for (const chunk of sent) await near.channel.write([chunk]);
    const closing = near.channel.close();
    const received = await reading;
    await far.channel.close();
    await closing;
    expect(sameBytes(join(received), join(sent))).toBe(true);
    if (near.channel.boundaries === "kept") expect(received).toHaveLength(sent.length);
  });

  test("carries the chunks of one write in order, as messages where boundaries are kept", async () => {
    const { near, far } = await suite.open();
    const chunks = [pattern(4), pattern(70_000), pattern(1, 9)];
    near.channel.write(chunks);
    if (far.channel.boundaries === "kept") expect(await readChunks(far, 3)).toEqual(chunks);
    else expect(sameBytes(await readBytes(far, 70_005), join(chunks))).toBe(true);
  });

  test("carries hundreds of tiny chunks in one write, in order", async () => {
    const { near, far } = await suite.open();
    const chunks = Array.from({ length: 300 }, (_, i) => pattern(1 + (i % 9), i));
    const all = join(chunks);
    near.channel.write(chunks);
    if (far.channel.boundaries === "kept") expect(await readChunks(far, 300)).toEqual(chunks);
    else expect(await readBytes(far, all.length)).toEqual(all);
  });

  test("carries 4 MiB in one write", async () => {
    const { near, far } = await suite.open();
    const large = pattern(4 * MEBIBYTE);
    const written = near.channel.write([large]);
    expect(sameBytes(await readBytes(far, large.length), large)).toBe(true);
    await written;
  });

  test("keeps what arrives before anybody reads", async () => {
    const { near, far } = await suite.open();
    await near.channel.write([Uint8Array.of(7, 8)]);
    const closing = near.channel.close();
    expect(join(await readAll(far))).toEqual(Uint8Array.of(7, 8));
    await far.channel.close();
    await closing;
  });

  test("calls release once when the chunks are not needed any more", async () => {
    const { near, far } = await suite.open();
    let released = 0;
    await new Promise<void>((resolve) => {
      near.channel.write([pattern(10), pattern(20)], () => {
        released += 1;
        resolve();
      });
    });
    await readBytes(far, 30);
    expect(released).toBe(1);
  });

  test("calls release also when there is nothing to send or nobody to send to", async () => {
    const { near } = await suite.open();
    await new Promise<void>((resolve) => near.channel.write([], resolve));
    await near.channel.close(REASON);
    await new Promise<void>((resolve) => near.channel.write([pattern(10)], resolve));
  });
}

function ending(suite: Suite): void {
  test("an orderly close delivers everything and ends the other's iteration", async () => {
    const { near, far } = await suite.open();
    near.channel.write([pattern(300_000)]);
    const closing = near.channel.close();
    expect(join(await readAll(far))).toHaveLength(300_000);
    await far.channel.close();
    await closing;
  });

  test("an orderly close ends one's own iteration too", async () => {
    const { near, far } = await suite.open();
    const reading = near.chunks.next();
    const closing = near.channel.close();
    expect(await reading).toEqual({ done: true, value: undefined });
    await far.channel.close();
    await closing;
  });

  test("a close with a reason throws it to one's own reader", async () => {
    const { near } = await suite.open();
    const reading = near.chunks.next();
    const closing = near.channel.close(REASON);
    await expect(reading).rejects.toBe(REASON);
    await closing;
  });

  test("a path cut off does not leave the other's reader waiting", async () => {
    const { near, far } = await suite.open();
    const reading = readAll(far).catch((error: unknown) => error);
    await near.channel.close(REASON);
    const outcome = await reading;
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "UNAVAILABLE" });
    else expect(outcome).toEqual([]);
  });

  test("a closed channel takes writes and closes without complaint", async () => {
    const { near, far } = await suite.open();
    await near.channel.close(REASON);
    await near.channel.write([pattern(5)]);
    await near.channel.close();
    await far.channel.close(REASON);
    await far.channel.close(REASON);
  });

  test("a channel lives on when its listener has closed", async () => {
    const { near, far, listener } = await suite.open();
    await listener.close();
    await near.channel.write([pattern(5)]);
    expect(await readBytes(far, 5)).toEqual(pattern(5));
  });
}

function waiting(suite: Suite): void {
  test("a reader that does not ask stops the writer, and lets it go on later", async () => {
    const { near, far } = await suite.open();
    const chunks = 64;
    const writer = writeMany(near, chunks);
    expect(await settlesOrStops(writer)).toBe("stopped");
    expect(writer.written).toBeLessThan(chunks);
    const received = await readBytes(far, chunks * MEBIBYTE);
    await writer.done;
    expect(received).toHaveLength(chunks * MEBIBYTE);
  });

  test("all who wait for room wait for the same promise", async () => {
    const { near } = await suite.open();
    const { room } = await fill(near);
    expect(near.channel.write([pattern(1)])).toBe(room);
  });

  test("closing frees those who wait for room", async () => {
    const { near } = await suite.open();
    const { room } = await fill(near);
    await near.channel.close(REASON);
    await expect(room).resolves.toBeUndefined();
  });

  test("the other's leaving frees those who wait for room", async () => {
    const { near, far } = await suite.open();
    const { room } = await fill(near);
    await far.channel.close(REASON);
    await expect(room).resolves.toBeUndefined();
  });
}

function meeting(suite: Suite): void {
  test("says UNAVAILABLE where nobody listens", async () => {
    const [transport, address] = await suite.made();
    const listener = await suite.ends.listen(transport, address);
    await listener.close();
    await expect(suite.ends.connect(transport, listener.address)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining(listener.address.host),
    });
  });

  test("says ALREADY_EXISTS, and where, when the address is in use", async () => {
    const [transport, address] = await suite.made();
    const listener = await suite.ends.listen(transport, address);
    await expect(suite.ends.listen(transport, listener.address)).rejects.toMatchObject({
      code: "ALREADY_EXISTS",
      message: expect.stringContaining(listener.address.host),
    });
  });

  test("can listen again where a listener has closed", async () => {
    const [transport, address] = await suite.made();
    const first = await suite.ends.listen(transport, address);
    await first.close();
    const second = await suite.ends.listen(transport, first.address);
    expect(second.address.href).toBe(first.address.href);
  });

  test("gives up connecting when the signal says so", async () => {
    const [transport, address] = await suite.made();
    const listener = await suite.ends.listen(transport, address);
    const signal = AbortSignal.abort(new SealwireError("CANCELLED", "changed my mind"));
    await expect(transport.connect(listener.address, { signal })).rejects.toMatchObject({
      code: "CANCELLED",
      message: "changed my mind",
    });
  });

  test("closing a listener ends its iteration", async () => {
    const [transport, address] = await suite.made();
    const listener = await suite.ends.listen(transport, address);
    const arrival = listener[Symbol.asyncIterator]().next();
    await listener.close();
    expect(await arrival).toEqual({ done: true, value: undefined });
  });

  test("yields a channel for each of many who come at once, and knows where they are", async () => {
    const [transport, address] = await suite.made();
    const listener = await suite.ends.listen(transport, address);
    const all = Array.from({ length: 20 }, () => suite.ends.connect(transport, listener.address));
    const arrivals = listener[Symbol.asyncIterator]();
    const remotes = new Set<string>();
    for (const _ of all) remotes.add((await arrivals.next()).value.remote);
    await Promise.all(all);
    expect(remotes.size).toBe(20);
  });

  test("refuses an address of another kind", async () => {
    const [transport] = await suite.made();
    const foreign = new URL("nothing://");
    const refused = { code: "INVALID_ARGUMENT" };
    await expect(suite.ends.connect(transport, foreign)).rejects.toMatchObject(refused);
    await expect(suite.ends.listen(transport, foreign)).rejects.toMatchObject(refused);
  });
}

async function readAll(end: End): Promise<Uint8Array[]> {
  return readChunks(end, Number.POSITIVE_INFINITY);
}

/** Writes until the channel asks to wait and stays so; gives what must be waited for. */
async function fill(end: End): Promise<{ readonly room: Promise<void> }> {
  for (;;) {
    const room = end.channel.write([pattern(MEBIBYTE)]);
    if (room === undefined) continue;
    const outcome = await settlesOrStops({ done: room, written: 0 });
    if (outcome === "stopped") return { room };
  }
}

interface Writing {
  written: number;
  done: Promise<void>;
}

function writeMany(end: End, chunks: number): Writing {
  const writing: Writing = { written: 0, done: Promise.resolve() };
  const chunk = pattern(MEBIBYTE);
  writing.done = (async () => {
    for (; writing.written < chunks; writing.written++) await end.channel.write([chunk]);
  })();
  return writing;
}

/** Nothing announces that nothing happens: thirty turns without progress count as stopped. */
async function settlesOrStops(writing: Writing): Promise<"settled" | "stopped"> {
  let settled = false;
  void writing.done.then(() => {
    settled = true;
  });
  let seen = -1;
  for (let still = 0; still < 30 && !settled; still++) {
    if (writing.written !== seen) still = 0;
    seen = writing.written;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return settled ? "settled" : "stopped";
}
