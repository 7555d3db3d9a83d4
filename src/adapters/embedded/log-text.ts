import { decodeUtf8, encodeUtf8 } from "../../bytes/text.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { endOfRecord, type LogRecord, readRecord } from "./log-record.ts";

/** What the file begins with; the last byte is the format. */
export const LOG_HEADER: Uint8Array = Uint8Array.of(...encodeUtf8("SWSTATE"), 1);

/** What a log holds. */
export interface LogContent {
  readonly records: readonly LogRecord[];
  /** Behind the last whole record: what follows was cut short, and is written over. */
  readonly end: number;
}

/**
 * Reads a whole log. A record at its end that is not whole was being written when everything
 * stopped, and nobody was told that it was kept.
 *
 * @throws `RECORD_REJECTED` for what is no log, or is damaged where whole records follow;
 * `UNSUPPORTED` for one of a newer version
 */
export function readLog(
  log: Uint8Array,
  path: string,
  damaged: "refuse" | "keep-before",
): LogContent {
  if (!hasHeader(log, path)) return { records: [], end: 0 };
  const records: LogRecord[] = [];
  let end = LOG_HEADER.length;
  for (;;) {
    const next = readRecord(log, end);
    if (!next) break;
    records.push(next.record);
    end = next.end;
  }
  const behind = endOfRecord(log, end);
  const more = behind !== undefined && behind < log.length && readRecord(log, behind);
  if (more && damaged === "refuse") throw broken(path, end, behind);
  return { records, end };
}

/** Whether there is a header; a shorter one was cut short when the file was made. */
function hasHeader(log: Uint8Array, path: string): boolean {
  const name = LOG_HEADER.subarray(0, -1);
  const begin = log.subarray(0, name.length);
  if (begin.some((byte, i) => byte !== name[i])) throw notALog(path, begin);
  if (log.length < LOG_HEADER.length) return false;
  const format = log[name.length] ?? 0;
  if (format === LOG_HEADER.at(-1)) return true;
  const message = `${path} was written by a newer Sealwire (format ${format}, here 1)`;
  throw new SealwireError("UNSUPPORTED", `${message}: use that one, or another folder`);
}

function notALog(path: string, begin: Uint8Array): SealwireError {
  const found = JSON.stringify(decodeUtf8(begin) ?? "other bytes");
  const message = `${path} is no log of Sealwire: it begins with ${found}`;
  return new SealwireError("RECORD_REJECTED", `${message}; move it away, or use another folder`);
}

function broken(path: string, from: number, to: number): SealwireError {
  const message = `${path} is damaged from byte ${from} to ${to}, and whole records follow`;
  const advice = 'restore it from a copy, or open it with damaged: "keep-before"';
  return new SealwireError("RECORD_REJECTED", `${message}: ${advice}`);
}
