import { decodeHex } from "../../src/bytes/text.ts";
import { readVectors } from "../vectors/read-vectors.ts";

/** One recorded frame. */
export interface RecordedFrame {
  readonly dir: "c2s" | "s2c" | "none";
  readonly label?: string;
  readonly hex: string;
  readonly decoded: {
    readonly type: number;
    readonly flags: number;
    readonly contentLength: number;
    readonly correlationId: number | { readonly $int: string };
    readonly timestampMs: number;
    readonly payload: unknown;
  };
}

/** One recorded exchange. */
export interface Exchange {
  readonly name: string;
  readonly frames: readonly RecordedFrame[];
  readonly outcome?: unknown;
}

/** All of them. */
export const EXCHANGES: readonly Exchange[] = readVectors<{
  readonly exchanges: readonly Exchange[];
}>("netconduit/exchanges.json").exchanges;

/** An exchange by its name. */
export function exchange(name: string): Exchange {
  const found = EXCHANGES.find((each) => each.name === name);
  if (!found) throw new Error(`there is no recorded exchange ${name}`);
  return found;
}

/** The frames of one direction. */
export function framesOf(name: string, dir: RecordedFrame["dir"]): readonly Uint8Array[] {
  return exchange(name)
    .frames.filter((frame) => frame.dir === dir)
    .map(({ hex }) => bytesOf(hex));
}

/** Hexadecimal digits as bytes. */
export function bytesOf(hex: string): Uint8Array {
  return decodeHex(hex) ?? new Uint8Array();
}

/** What a recorded payload stands for; undefined if there was none. */
export function payloadOf({ decoded }: RecordedFrame): unknown {
  return decoded.payload === "absent" ? undefined : meant(decoded.payload);
}

/** What a recorded value stands for; an abbreviated text is only as long as the real one. */
export function meant(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meant);
  if (typeof value !== "object" || value === null) return value;
  const map = value as Readonly<Record<string, unknown>>;
  if (typeof map["$bytes"] === "string") return bytesOf(map["$bytes"]);
  if (typeof map["$int"] === "string") return BigInt(map["$int"]);
  if (typeof map["$string"] === "string") {
    return map["$string"].slice(0, 1).repeat(Number(map["length"]));
  }
  return Object.fromEntries(Object.entries(map).map(([key, each]) => [key, meant(each)]));
}
