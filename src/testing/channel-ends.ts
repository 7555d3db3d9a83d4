import { join } from "../bytes/join.ts";
import type { Channel, Listener, Transport } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";

/** The unit of large writes. */
export const MEBIBYTE = 1_048_576;

/** Both ends of a fresh path, each with its iterator held by hand. */
export interface ChannelEnds {
  readonly listener: Listener;
  readonly near: End;
  readonly far: End;
}

/** One end and what is read from it. */
export interface End {
  readonly channel: Channel;
  readonly chunks: AsyncIterator<Uint8Array>;
}

/** Opens paths and remembers what is open, so that every test can close it. */
export class Ends {
  readonly #listeners: Listener[] = [];
  readonly #channels: Channel[] = [];

  async listen(transport: Transport, address: URL): Promise<Listener> {
    const listener = await transport.listen(address);
    this.#listeners.push(listener);
    return listener;
  }

  async connect(transport: Transport, address: URL): Promise<Channel> {
    const channel = await transport.connect(address, { signal: new AbortController().signal });
    this.#channels.push(channel);
    return channel;
  }

  async open(transport: Transport, address: URL): Promise<ChannelEnds> {
    const listener = await this.listen(transport, address);
    const connecting = this.connect(transport, listener.address);
    const arrivals = listener[Symbol.asyncIterator]();
    const near = await connecting;
    const arrival = await arrivals.next();
    if (arrival.done === true) throw new SealwireError("INTERNAL", "the listener yielded nobody");
    this.#channels.push(arrival.value);
    return { listener, near: endOf(near), far: endOf(arrival.value) };
  }

  async closeAll(): Promise<void> {
    const reason = new SealwireError("CANCELLED", "the test is over");
    await Promise.all(this.#channels.splice(0).map((channel) => channel.close(reason)));
    await Promise.all(this.#listeners.splice(0).map((listener) => listener.close()));
  }
}

/** Reads so many chunks, or until the end. */
export async function readChunks(end: End, count: number): Promise<Uint8Array[]> {
  const read: Uint8Array[] = [];
  while (read.length < count) {
    const { done, value } = await end.chunks.next();
    if (done === true) return read;
    read.push(value);
  }
  return read;
}

/** Reads to the end. */
export function readAll(end: End): Promise<Uint8Array[]> {
  return readChunks(end, Number.POSITIVE_INFINITY);
}

/** Reads at least so many bytes, or to the end, and joins them. */
export async function readBytes(end: End, count: number): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  for (let length = 0; length < count; ) {
    const { done, value } = await end.chunks.next();
    if (done === true) break;
    read.push(value);
    length += value.length;
  }
  return join(read);
}

/** Bytes in a pattern that shows whether they were moved. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7 + seed) & 0xff;
  return bytes;
}

/** Quicker than a deep comparison, which takes seconds for megabytes. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function endOf(channel: Channel): End {
  return { channel, chunks: channel[Symbol.asyncIterator]() };
}
