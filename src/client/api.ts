import type { CallArguments } from "../core/engine/arguments.ts";
import type { CallOptions } from "../core/engine/call-options.ts";
import { isStream } from "../core/engine/streams.ts";

/** What a typed proxy needs of its client. */
export interface Caller {
  call(procedure: string, args?: CallArguments, options?: CallOptions): Promise<unknown>;
  stream(procedure: string, args?: CallArguments, options?: CallOptions): AsyncIterable<unknown>;
  /** Ends it; absent where there is nothing to end. */
  close?(): Promise<void>;
}

/** Streams stay streams, everything else becomes a promise of what the handler answers. */
export type Answer<Result> =
  Awaited<Result> extends AsyncIterable<infer Item>
    ? AsyncIterable<Item>
    : Promise<Awaited<Result>>;

/** The procedures of a contract, as seen from the other side. */
export type Remote<Api> = {
  readonly [Name in keyof Api as Name extends `$${string}` | "then"
    ? never
    : Name]: Api[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Answer<Result>
    : Remote<Api[Name]>;
} & RemoteMembers<Api>;

/** The proxy's own members. They begin with `$`, where no procedure does. */
export interface RemoteMembers<Api> {
  /** Calls any name, also one that the contract does not know. */
  $call(procedure: string, args?: CallArguments, options?: CallOptions): Promise<unknown>;
  /** The same procedures with options for each call. */
  $with(options: CallOptions): Remote<Api>;
  /** Closes the client behind the proxy. */
  $close(): Promise<void>;
}

/**
 * A proxy whose functions are the procedures of a contract; a dot leads into names with dots.
 * A lone plain object as argument is sent by name, which fits declared parameters as well as
 * functions that take one object.
 */
export function remoteApi<Api>(caller: Caller, options: CallOptions = {}): Remote<Api> {
  return proxyOf(caller, options, "") as Remote<Api>;
}

function proxyOf(caller: Caller, options: CallOptions, path: string): unknown {
  const call = (...args: readonly unknown[]) => answerOf(caller, path, argumentsOf(args), options);
  return new Proxy(call, {
    get(_target, name) {
      // `await` looks for `then` on everything; a proxy that had one would never resolve.
      if (typeof name === "symbol" || name === "then") return undefined;
      if (path === "" && name === "$call") {
        return (procedure: string, args?: CallArguments, more: CallOptions = {}) =>
          caller.call(procedure, args, { ...options, ...more });
      }
      if (path === "" && name === "$close") return async () => caller.close?.();
      if (path === "" && name === "$with") {
        return (more: CallOptions) => proxyOf(caller, { ...options, ...more }, "");
      }
      return proxyOf(caller, options, path === "" ? name : `${path}.${name}`);
    },
  });
}

/** What the functions of a proxy were given: a lone plain object is meant by name. */
export function argumentsOf(args: readonly unknown[]): CallArguments {
  const [only] = args;
  return args.length === 1 && isNamed(only) ? only : args;
}

function isNamed(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.keys(value).length > 0;
}

/** Awaited it is a call for one value, iterated a stream; whichever comes first. */
function answerOf(caller: Caller, name: string, args: CallArguments, options: CallOptions) {
  let answer: Promise<unknown> | undefined;
  const asked = () => {
    answer ??= caller.call(name, args, options);
    return answer;
  };
  let iterated = false;
  // Not awaited and not iterated by the end of the turn: then it was called for its effect.
  queueMicrotask(() => {
    if (!iterated) asked().catch(() => {});
  });
  return {
    // biome-ignore lint/suspicious/noThenProperty: this is a promise, made when it is looked at
    then: (...handlers: Parameters<Promise<unknown>["then"]>) => asked().then(...handlers),
    catch: (...handlers: Parameters<Promise<unknown>["catch"]>) => asked().catch(...handlers),
    finally: (...handlers: Parameters<Promise<unknown>["finally"]>) => asked().finally(...handlers),
    [Symbol.asyncIterator]() {
      iterated = true;
      if (answer) return itemsOf(answer);
      return caller.stream(name, args, options)[Symbol.asyncIterator]();
    },
  };
}

/** The items of a call that was already made for its value. */
async function* itemsOf(answer: Promise<unknown>): AsyncGenerator<unknown, void> {
  const value = await answer;
  if (isStream(value)) yield* value;
  else yield value;
}
