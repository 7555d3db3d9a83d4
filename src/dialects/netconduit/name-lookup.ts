import type { Arguments, CallMessage, Message } from "../../core/model/message.ts";
import { travelsByPosition } from "./requests.ts";
import { isMap } from "./wire-map.ts";

/**
 * Names for arguments by position. The original takes them by name alone, so a client that has only
 * positions asks the server once for its list. Parameters without a type are not in that list: where
 * there are fewer names than arguments, they travel as `_0`, `_1` …, which servers of ours take.
 */
export class NameLookup {
  #names: ReadonlyMap<string, readonly string[]> | undefined;
  #waiting: Message[] | undefined;

  /** Whether the server has been asked and has not answered yet. */
  get asked(): boolean {
    return this.#waiting !== undefined;
  }

  /** Whether there are names that a message needs and that are not there. */
  lacks(message: Message): boolean {
    if (this.#names || message.kind !== "call" || message.procedure.startsWith("$")) return false;
    return !travelsByPosition(message.args);
  }

  /** Keeps a message until the names are there, and with it all that follow, for their order. */
  keep(message: Message): void {
    this.#waiting ??= [];
    this.#waiting.push(message);
  }

  /** How many messages are kept. */
  get kept(): number {
    return this.#waiting?.length ?? 0;
  }

  /** The data of `listall`, or anything else if there is none. Gives back what was kept. */
  settle(listing: unknown): readonly Message[] {
    const methods = isMap(listing) ? listing["methods"] : undefined;
    const listed = Array.isArray(methods) ? methods.filter(isMap) : [];
    this.#names = new Map(
      listed.map(({ name, parameters }) => [
        String(name),
        isMap(parameters) ? Object.keys(parameters) : [],
      ]),
    );
    const kept = this.#waiting ?? [];
    this.#waiting = undefined;
    return kept;
  }

  /** The arguments of a call, by name where the names are known and are enough. */
  named({ procedure, args }: CallMessage): Arguments {
    const names = this.#names?.get(procedure) ?? [];
    const { positional, named } = args;
    if (travelsByPosition(args) || names.length < positional.length) return args;
    const taken = names.slice(0, positional.length);
    // Given twice: the server has to say so, and says it of the positions.
    if (taken.some((name) => Object.hasOwn(named, name))) return args;
    const byName = Object.fromEntries(taken.map((name, at) => [name, positional[at] ?? null]));
    return { positional: [], named: { ...byName, ...named } };
  }
}
