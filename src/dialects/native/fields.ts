import { SealwireError } from "../../core/model/errors.ts";

/** Takes the fields of messages one by one and gives each its type. */
export class Fields {
  readonly #values: readonly unknown[];
  #at = 0;

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  get left(): number {
    return this.#values.length - this.#at;
  }

  /** The field that comes, without taking it. */
  get next(): unknown {
    return this.#values[this.#at];
  }

  any(): unknown {
    if (this.#at >= this.#values.length) throw malformed("a batch that ends within a message");
    return this.#values[this.#at++];
  }

  count(): number {
    const value = this.any();
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw malformed("a field that is not a whole number");
  }

  optionalCount(): number | undefined {
    if (this.next !== null) return this.count();
    this.any();
    return undefined;
  }

  text(): string {
    const value = this.any();
    if (typeof value === "string") return value;
    throw malformed("a field that is not text");
  }

  optionalText(): string | undefined {
    if (this.next !== null) return this.text();
    this.any();
    return undefined;
  }

  flag(): boolean {
    const value = this.any();
    if (typeof value === "boolean") return value;
    throw malformed("a field that is neither true nor false");
  }

  bytes(): Uint8Array {
    const value = this.any();
    if (value instanceof Uint8Array) return value;
    throw malformed("a field that is not bytes");
  }

  list(): readonly unknown[] {
    const value = this.any();
    if (Array.isArray(value)) return value;
    throw malformed("arguments that are not an array");
  }

  record(): Readonly<Record<string, unknown>> | undefined {
    const value = this.any();
    if (value === null) return undefined;
    if (isRecord(value)) return value;
    throw malformed("a field that is not a map");
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

/** What the peer sent is not what the wire allows. */
export function malformed(what: string): SealwireError {
  return new SealwireError("PROTOCOL_VIOLATION", `the peer sent ${what}`);
}
