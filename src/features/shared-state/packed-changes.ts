import { msgpackCodec } from "../../codecs/msgpack.ts";
import { weightOf } from "../../core/engine/weight.ts";
import { deltaBetween } from "./byte-delta.ts";
import type { LedgerChange } from "./ledger.ts";
import type { Variable } from "./variables.ts";

/** From about so many bytes on a value is packed. Below it the fields around it weigh as much. */
export const LARGE_BYTES = 1_024;

const CODEC = msgpackCodec();

/** A large value as a watch says it: as bytes, or as what has changed in those told before. */
export type PackedFields =
  | { readonly packed: Uint8Array }
  | { readonly delta: Uint8Array; readonly from: number };

/** One version of a large value, packed once however many watch it, and only if somebody does. */
interface PackedVersion {
  readonly variable: Variable;
  /** @throws `INVALID_ARGUMENT`, `TOO_LARGE` for a value that cannot travel */
  bytes(): Uint8Array;
}

/** One change of a large value, for those who keep its bytes. */
export class PackedChange {
  readonly #now: PackedVersion;
  readonly #from: number | undefined;
  /** Let go when nobody needs it any more: changes are kept for a while. */
  #before: PackedVersion | undefined;
  #delta: Uint8Array | undefined;

  constructor(now: PackedVersion, before: PackedVersion | undefined) {
    this.#now = now;
    this.#before = before;
    this.#from = before?.variable.version;
  }

  /**
   * For somebody who has the bytes of version `has`.
   *
   * @throws `INVALID_ARGUMENT`, `TOO_LARGE` for a value that cannot travel
   */
  fields(has: number | undefined): PackedFields {
    const packed = this.#now.bytes();
    const from = this.#from;
    if (from === undefined || from !== has) return { packed };
    const delta = this.#deltaTo(packed);
    return delta.length * 2 < packed.length ? { delta, from } : { packed };
  }

  #deltaTo(packed: Uint8Array): Uint8Array {
    if (this.#delta) return this.#delta;
    this.#delta = deltaBetween(this.#before?.bytes() ?? NOTHING, packed);
    this.#before = undefined;
    return this.#delta;
  }
}

const NOTHING: Uint8Array = new Uint8Array();

/** The large values of a server as bytes. */
export class PackedChanges {
  readonly #latest = new Map<string, PackedVersion>();

  /** A change as it happens; `undefined` for one that is told as it is. */
  changed({ name, variable }: LedgerChange): PackedChange | undefined {
    const before = this.#latest.get(name);
    const now = this.#take(name, variable);
    return now && new PackedChange(now, before);
  }

  /** What is there; `undefined` for a value that is told as it is. */
  present(name: string, variable: Variable): PackedChange | undefined {
    const known = this.#latest.get(name);
    const now = known?.variable === variable ? known : this.#take(name, variable);
    return now && new PackedChange(now, undefined);
  }

  #take(name: string, variable: Variable | undefined): PackedVersion | undefined {
    if (!variable || !isLarge(variable.value)) {
      this.#latest.delete(name);
      return undefined;
    }
    const version = packedVersion(variable);
    this.#latest.set(name, version);
    return version;
  }
}

/** Whether a value is worth being packed. */
export function isLarge(value: unknown): boolean {
  return weightOf(value) >= LARGE_BYTES;
}

function packedVersion(variable: Variable): PackedVersion {
  let bytes: Uint8Array | undefined;
  return {
    variable,
    bytes() {
      bytes ??= CODEC.encode(variable.value);
      return bytes;
    },
  };
}
