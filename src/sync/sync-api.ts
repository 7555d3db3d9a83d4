import { argumentsOf } from "../client/api.ts";
import type { CallArguments } from "../core/engine/arguments.ts";
import type { SyncCallOptions } from "./options.ts";
import type { SyncConnection } from "./sync-connection.ts";

/** What a handler answers, without promises; streams are iterated with `for … of`. */
export type SyncAnswer<Result> =
  Awaited<Result> extends AsyncIterable<infer Item>
    ? IterableIterator<Item, undefined>
    : Awaited<Result>;

/** The procedures of a contract as functions that block. */
export type SyncRemote<Api> = {
  readonly [Name in keyof Api as Name extends `$${string}` | "then"
    ? never
    : Name]: Api[Name] extends (...args: infer Args) => infer Result
    ? ((...args: Args) => SyncAnswer<Result>) & Deeper<Api[Name]>
    : SyncRemote<Api[Name]>;
};

/** Names with dots below one that is a procedure itself; only where nothing is known of them. */
type Deeper<Procedure> = Procedure extends AnyApi ? SyncRemote<AnyApi> : unknown;

/** A server of which nothing is known: any name, with dots too, takes and answers anything. */
export interface AnyApi {
  readonly [name: string]: ((...args: readonly unknown[]) => unknown) & AnyApi;
}

/** A client whose procedures are its functions, and its own members, which begin with `$`. */
export type SyncClient<Api = AnyApi> = SyncClientMembers & SyncRemote<Api>;

/** What a synchronous client can beside calling procedures. */
export interface SyncClientMembers {
  /**
   * Calls any name: an array of arguments by position, an object by name. A procedure that
   * streams gives its items to `for … of`.
   *
   * @throws `SealwireError` with the handler's code, message and details; `DEADLINE_EXCEEDED`,
   * `UNAVAILABLE`; `INVALID_ARGUMENT` for arguments that are no plain values
   */
  $call(procedure: string, args?: CallArguments, options?: SyncCallOptions): unknown;
  /** Tells the server something that has no answer. */
  $emit(name: string, data?: unknown): void;
  /** The milliseconds that a round trip took. */
  $ping(options?: SyncCallOptions): number;
  /** Ends the connection in order. */
  $close(): void;
  [Symbol.dispose](): void;
}

/**
 * A proxy whose functions are procedures; a dot leads into names with dots. A lone plain object
 * as argument is sent by name. Symbols, `then`, `toJSON` and what every object has (`toString`)
 * are no procedures, so that printing a client calls nothing; `$call` reaches such names too.
 */
export function syncApi<Api>(connection: SyncConnection): SyncClient<Api> {
  const members: SyncClientMembers = {
    $call: (procedure, args, options) => connection.call(procedure, args, options),
    $emit: (name, data) => connection.emit(name, data),
    $ping: (options) => connection.ping(options),
    $close: () => connection.close(),
    [Symbol.dispose]: () => connection.close(),
  };
  return new Proxy(connection, {
    get: (_target, name) => {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name);
      return isProcedure(name) ? procedureOf(connection, name) : Reflect.get(EVERY_OBJECT, name);
    },
    set: () => false,
  }) as object as SyncClient<Api>;
}

function procedureOf(connection: SyncConnection, path: string): unknown {
  const call = (...args: readonly unknown[]) => connection.call(path, argumentsOf(args));
  return new Proxy(call, {
    get: (_target, name) =>
      isProcedure(name)
        ? procedureOf(connection, `${path}.${name}`)
        : Reflect.get(EVERY_OBJECT, name),
  });
}

function isProcedure(name: string | symbol): name is string {
  if (typeof name === "symbol" || name.startsWith("$")) return false;
  return name !== "then" && name !== "toJSON" && !(name in EVERY_OBJECT);
}

/** `toString`, `constructor` and the like. */
const EVERY_OBJECT: object = Object.prototype;
