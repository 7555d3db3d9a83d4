import { encodeUtf8 } from "../../bytes/text.ts";
import { distance } from "./sequence.ts";

/**
 * What peers of ours say beside the number in the data of an `ACK`. Originals write a text there
 * that nobody reads, and do not read ours.
 */
export interface Acknowledgement {
  /** Please answer with an `ACK` at once. */
  readonly wantsAnswer: boolean;
  /** The `time` of the packet that this answers; 0 when it answers none. */
  readonly echo: number;
  /** Bytes that there is room for, counted from the acknowledged number. */
  readonly windowBytes: number;
  /** What has arrived beyond a gap, each from its first to its last number, ascending. */
  readonly ranges: readonly Range[];
}

/** Numbers from the first to the last. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** More are not told in one packet; the next one tells them. */
export const MAX_RANGES = 32;

/** @throws nothing; ranges beyond `MAX_RANGES` are left out */
export function formatAcknowledgement(said: Acknowledgement): Uint8Array {
  const ranges = said.ranges.slice(0, MAX_RANGES);
  const bytes = new Uint8Array(HEAD_BYTES + ranges.length * RANGE_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MARK);
  bytes[8] = said.wantsAnswer ? 1 : 0;
  view.setFloat64(9, said.echo, true);
  view.setUint32(17, Math.min(said.windowBytes, 0xffff_ffff), true);
  bytes[21] = ranges.length;
  ranges.forEach(({ first, last }, at) => {
    view.setUint32(HEAD_BYTES + at * RANGE_BYTES, first, true);
    view.setUint32(HEAD_BYTES + at * RANGE_BYTES + 4, last, true);
  });
  return bytes;
}

/** `undefined` for the text of an original, and for what makes no sense. */
export function parseAcknowledgement(data: Uint8Array): Acknowledgement | undefined {
  if (data.length < HEAD_BYTES || MARK.some((byte, at) => data[at] !== byte)) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const count = data[21] ?? 0;
  const echo = view.getFloat64(9, true);
  const fits = data.length === HEAD_BYTES + count * RANGE_BYTES;
  if (!fits || count > MAX_RANGES || !Number.isFinite(echo)) return undefined;
  const ranges: Range[] = [];
  for (let at = HEAD_BYTES; at < data.length; at += RANGE_BYTES) {
    const range = { first: view.getUint32(at, true), last: view.getUint32(at + 4, true) };
    if (distance(range.first, range.last) < 0) return undefined;
    ranges.push(range);
  }
  return { wantsAnswer: data[8] === 1, echo, windowBytes: view.getUint32(17, true), ranges };
}

const MARK: Uint8Array = encodeUtf8("sealwire");
const HEAD_BYTES = 22;
const RANGE_BYTES = 8;
