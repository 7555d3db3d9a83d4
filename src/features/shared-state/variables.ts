import { weightOf } from "../../core/engine/weight.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { MAX_NAME_LENGTH, type StateLimits } from "./options.ts";

/** One value, as it was put: another put makes another entry, of an equal value too. */
export interface Entry {
  readonly value: unknown;
  readonly bytes: number;
}

/** Values by name, within bounds. A `Map`, so that `__proto__` is a name like others. */
export class Variables {
  readonly #limits: StateLimits;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(limits: StateLimits) {
    this.#limits = limits;
  }

  find(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  /** @throws `TOO_LARGE` beyond the limits, `INVALID_ARGUMENT` for what is no name or no value */
  put(name: string, value: unknown): Entry {
    checkName(name);
    if (value === undefined) throw nothing(name);
    const entry = { value, bytes: name.length + weightOf(value) };
    const bytes = this.#bytes + entry.bytes - (this.#entries.get(name)?.bytes ?? 0);
    this.#check(name, entry, bytes);
    this.#entries.set(name, entry);
    this.#bytes = bytes;
    return entry;
  }

  /** Whether there was one. */
  delete(name: string): boolean {
    this.#bytes -= this.#entries.get(name)?.bytes ?? 0;
    return this.#entries.delete(name);
  }

  /** All of them as they are now. */
  all(): ReadonlyMap<string, unknown> {
    return new Map([...this.#entries].map(([name, { value }]) => [name, value]));
  }

  /** The same as entries, which tell later what has changed since. */
  entries(): ReadonlyMap<string, Entry> {
    return new Map(this.#entries);
  }

  #check(name: string, { bytes }: Entry, allBytes: number): void {
    const { maxVariables, maxValueBytes, maxBytes } = this.#limits;
    const isNew = !this.#entries.has(name);
    if (isNew && this.#entries.size >= maxVariables) {
      throw tooLarge(`there are ${maxVariables} shared variables, and no more are kept`);
    }
    if (bytes > maxValueBytes) {
      throw tooLarge(`a shared variable may take about ${maxValueBytes} bytes, not ${bytes}`);
    }
    if (allBytes > maxBytes) {
      throw tooLarge(`all shared variables together may take about ${maxBytes} bytes`);
    }
  }
}

/** @throws `INVALID_ARGUMENT` for what is no name */
function checkName(name: unknown): void {
  if (typeof name === "string" && name !== "" && name.length <= MAX_NAME_LENGTH) return;
  const message = `the name of a variable is text of 1 to ${MAX_NAME_LENGTH} characters`;
  throw new SealwireError("INVALID_ARGUMENT", message);
}

function nothing(name: string): SealwireError {
  const message = `a variable has a value: to be rid of ${name}, delete it`;
  return new SealwireError("INVALID_ARGUMENT", message);
}

function tooLarge(message: string): SealwireError {
  return new SealwireError("TOO_LARGE", message);
}
