import { weightOf } from "../../core/engine/weight.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { checkName } from "./names.ts";
import type { StateLimits } from "./options.ts";

/** One version of a value. */
export interface VariableVersion {
  readonly value: unknown;
  /** Counts the changes of the variable. */
  readonly version: number;
  /** When it was written, in milliseconds since the epoch. */
  readonly at: number;
}

/** One variable as it is; another change makes another object, of an equal value too. */
export interface Variable extends VariableVersion {
  /** Who made it; absent where the server did. */
  readonly owner?: string | number;
  /** The versions before, the oldest first. */
  readonly history: readonly VariableVersion[];
  /** About what all of it takes. */
  readonly bytes: number;
}

/** Variables by name, within bounds. A `Map`, so that `__proto__` is a name like others. */
export class Variables {
  readonly #limits: StateLimits;
  #entries = new Map<string, Variable>();
  #bytes = 0;

  constructor(limits: StateLimits) {
    this.#limits = limits;
  }

  find(name: string): Variable | undefined {
    return this.#entries.get(name);
  }

  /** @throws `TOO_LARGE` beyond the limits */
  put(name: string, variable: Variable): void {
    this.check(name, variable);
    this.restore(name, variable);
  }

  /** Whether there is room for it. @throws as `put` */
  check(name: string, variable: Variable): void {
    const { maxVariables, maxBytes } = this.#limits;
    const present = this.#entries.get(name);
    if (!present && this.#entries.size >= maxVariables) {
      throw tooLarge(`there are ${maxVariables} shared variables, and no more are kept`);
    }
    const bytes = this.#bytes + variable.bytes - (present?.bytes ?? 0);
    if (bytes > maxBytes && variable.bytes > (present?.bytes ?? 0)) {
      throw tooLarge(`all shared variables together may take about ${maxBytes} bytes`);
    }
  }

  /** Puts back what was there before; what was within the bounds is. */
  restore(name: string, before: Variable | undefined): void {
    this.#bytes += (before?.bytes ?? 0) - (this.#entries.get(name)?.bytes ?? 0);
    if (before) this.#entries.set(name, before);
    else this.#entries.delete(name);
  }

  delete(name: string): void {
    this.restore(name, undefined);
  }

  entries(): ReadonlyMap<string, Variable> {
    return this.#entries;
  }

  /** Becomes what the other is. */
  copy(other: Variables): void {
    this.#entries = new Map(other.#entries);
    this.#bytes = other.#bytes;
  }
}

/**
 * A variable with this value.
 *
 * @throws `TOO_LARGE` beyond the limit, `INVALID_ARGUMENT` for what is no name or no value
 */
export function variableOf(
  name: string,
  next: VariableVersion &
    Pick<Variable, "history"> & { readonly owner?: string | number | undefined },
  { maxValueBytes }: Pick<StateLimits, "maxValueBytes">,
): Variable {
  checkName(name);
  if (next.value === undefined) throw nothing(name);
  const bytes = name.length + weightOf(next.value);
  if (bytes > maxValueBytes) {
    throw tooLarge(`a shared variable may take about ${maxValueBytes} bytes, not ${bytes}`);
  }
  const { value, version, at, history, owner } = next;
  const past = history.reduce((sum, before) => sum + weightOf(before.value), 0);
  // Written out: spreading objects costs more than all the rest.
  const variable = { value, version, at, history, bytes: bytes + past };
  return owner === undefined ? variable : { ...variable, owner };
}

function nothing(name: string): SealwireError {
  const message = `a variable has a value: to be rid of ${name}, delete it`;
  return new SealwireError("INVALID_ARGUMENT", message);
}

function tooLarge(message: string): SealwireError {
  return new SealwireError("TOO_LARGE", message);
}
