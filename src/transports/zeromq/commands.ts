import { join } from "../../bytes/join.ts";
import { printable, violation } from "./failures.ts";
import { COMMAND, frameHeader } from "./frames.ts";

/** A command of ZMTP: what peers say beside messages. */
export interface Command {
  readonly name: string;
  readonly data: Uint8Array;
}

/** @throws `PROTOCOL_VIOLATION` when the name is cut off */
export function parseCommand(content: Uint8Array): Command {
  const nameBytes = content[0] ?? 0;
  if (nameBytes === 0 || content.length < 1 + nameBytes) {
    throw violation("a command without a name", "the length of a name, the name, data");
  }
  const name = printable(content.subarray(1, 1 + nameBytes));
  return { name, data: content.subarray(1 + nameBytes) };
}

/** The content of a command's frame. */
export function formatCommand(name: string, ...data: readonly Uint8Array[]): Uint8Array {
  return join([commandName(name), ...data]);
}

/** A command with its frame, for wires that do not seal it. */
export function commandFrame(content: Uint8Array): Uint8Array {
  return join([frameHeader(COMMAND, content.length), content]);
}

/** A name with its length before it. */
export function commandName(name: string): Uint8Array {
  return Uint8Array.from([name.length, ...asciiBytes(name)]);
}

/** Characters as bytes; only for words of the protocol, which are ASCII. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Why a greeting is refused, in words for the other end's log (at most 255 letters). */
export function formatError(reason: string): Uint8Array {
  return formatCommand("ERROR", commandName(reason.slice(0, 255)));
}

/** The reason in an `ERROR`, as far as it can be shown. */
export function parseError(data: Uint8Array): string {
  return printable(data.subarray(1, 1 + (data[0] ?? 0)));
}

/** More than this is not sent back (RFC 37, section 3.8: the context has 0 to 16 bytes). */
const CONTEXT_BYTES = 16;
/** The unit in which `PING` gives its time to live. */
const TTL_UNIT_MS = 100;
const LARGEST_TTL = 0xffff;

/** Asks whether the peer is there, and says how long we may be silent ourselves. */
export function formatPing(ttlMs: number): Uint8Array {
  const ttl = Math.min(Math.ceil(ttlMs / TTL_UNIT_MS), LARGEST_TTL);
  return formatCommand("PING", Uint8Array.of(ttl >> 8, ttl & 0xff));
}

/** What a `PING` wants back, and how long its sender may be silent; 0 for any time. */
export function parsePing(data: Uint8Array): { readonly pong: Uint8Array; readonly ttlMs: number } {
  const [high, low] = data;
  if (high === undefined || low === undefined) {
    throw violation(`a PING of ${data.length} bytes`, "a time to live of two bytes, a context");
  }
  const pong = formatCommand("PONG", data.subarray(2, 2 + CONTEXT_BYTES));
  return { pong, ttlMs: (high * 256 + low) * TTL_UNIT_MS };
}
