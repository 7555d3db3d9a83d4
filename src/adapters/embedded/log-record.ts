import { crc32 } from "node:zlib";
import { Reader } from "../../bytes/reader.ts";
import { decodeUtf8, encodeUtf8 } from "../../bytes/text.ts";
import { Writer } from "../../bytes/writer.ts";
import type { Entry } from "../../core/contracts/store.ts";
import { SealwireError } from "../../core/model/errors.ts";

/** What one commit brings, as it stands in the log. */
export interface LogRecord {
  readonly lastVersion: number;
  readonly entries: ReadonlyMap<string, Entry | undefined>;
}

/** Length and checksum before each record. */
export const RECORD_HEADER_BYTES = 8;

/** One commit cannot be larger. */
const MAX_RECORD_BYTES = 1_073_741_824;

/** @throws `TOO_LARGE` for more than fits into one record */
export function formatRecord({ lastVersion, entries }: LogRecord): Uint8Array {
  const writer = new Writer({ initialBytes: 1_024, maxBytes: MAX_RECORD_BYTES });
  writer.uint32(0).uint32(0).uint64(BigInt(lastVersion)).uint32(entries.size);
  for (const [key, entry] of entries) {
    const name = encodeUtf8(key);
    writer
      .uint32(name.length)
      .bytes(name)
      .uint8(entry ? 1 : 0);
    if (entry) writer.uint64(BigInt(entry.version)).uint32(entry.value.length).bytes(entry.value);
  }
  const record = writer.finish();
  const body = record.subarray(RECORD_HEADER_BYTES);
  const header = new DataView(record.buffer, record.byteOffset, RECORD_HEADER_BYTES);
  header.setUint32(0, body.length);
  header.setUint32(4, crc32(body));
  return record;
}

/** The record that begins here and where it ends; `undefined` where none is whole. */
export function readRecord(
  log: Uint8Array,
  begin: number,
): { readonly record: LogRecord; readonly end: number } | undefined {
  const end = endOfRecord(log, begin);
  if (end === undefined || end > log.length) return undefined;
  const body = log.subarray(begin + RECORD_HEADER_BYTES, end);
  if (crc32(body) !== viewOf(log, begin).getUint32(4)) return undefined;
  try {
    return { record: parseBody(body), end };
  } catch {
    return undefined;
  }
}

/** Where the record that begins here says that it ends, which may be behind the log. */
export function endOfRecord(log: Uint8Array, begin: number): number | undefined {
  if (begin + RECORD_HEADER_BYTES > log.length) return undefined;
  const length = viewOf(log, begin).getUint32(0);
  // A hole in the file reads as zeros, whose checksum is zero too.
  return length === 0 ? undefined : begin + RECORD_HEADER_BYTES + length;
}

function viewOf(log: Uint8Array, begin: number): DataView {
  return new DataView(log.buffer, log.byteOffset + begin, RECORD_HEADER_BYTES);
}

function parseBody(body: Uint8Array): LogRecord {
  const fields = new Reader(body);
  const lastVersion = Number(fields.uint64());
  const entries = new Map<string, Entry | undefined>();
  for (let left = fields.uint32(); left > 0; left--) {
    const key = decodeUtf8(fields.bytes(fields.uint32()));
    if (key === undefined) throw new SealwireError("RECORD_REJECTED", "a key is no UTF-8");
    entries.set(key, fields.uint8() === 1 ? parseEntry(fields) : undefined);
  }
  fields.end();
  return { lastVersion, entries };
}

/** A copy, so that one value does not hold the whole log in memory. */
function parseEntry(fields: Reader): Entry {
  const version = Number(fields.uint64());
  return { version, value: fields.bytes(fields.uint32()).slice() };
}
