import type { ProcedureOptions } from "../contracts/feature.ts";
import type { OutputOf, StandardSchema } from "../contracts/schema.ts";
import type { Call, Handler, Middleware } from "../model/call.ts";
import { SealwireError } from "../model/errors.ts";
import { bindPlain } from "./bind-plain.ts";
import { Router } from "./router.ts";

/** Plain functions, ready to be called from elsewhere. */
export type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Declared parameters: a schema for each name. */
export type Params = Readonly<Record<string, StandardSchema>>;

/** What a handler gets for declared parameters. */
export type ParamsOf<Declared extends Params> = {
  readonly [Name in keyof Declared]: OutputOf<Declared[Name]>;
};

declare const API: unique symbol;

/** What was registered, as a type: `typeof` it in the server's module, import the type elsewhere. */
export interface Exposed<Api> {
  readonly names: readonly string[];
  /** Never there at run time; carries the type of the contract. */
  readonly [API]?: Api;
}

/**
 * The contract of what was registered, for a client's typed proxy. Importing it imports no code.
 *
 * @example
 * const math = server.expose({ add: (a: number, b: number) => a + b });
 * export type Api = ContractOf<typeof math>;
 */
export type ContractOf<Registered> = Registered extends readonly [infer First, ...infer Rest]
  ? ContractOf<First> & ContractOf<Rest>
  : Registered extends Exposed<infer Api>
    ? Api
    : unknown;

/** Options of a procedure with declared parameters. */
export interface NamedOptions<Declared extends Params> extends Omit<ProcedureOptions, "params"> {
  readonly params: Declared;
}

/** What of a procedure's options holds for plain functions too. */
export type ExposeOptions = Omit<ProcedureOptions, "params" | "result">;

/**
 * Registers one procedure. With `params`, arguments are bound by position and by name and validated
 * before the handler runs; a handler that returns an async iterable streams. Throws
 * `ALREADY_EXISTS` for a name that is taken, `INVALID_ARGUMENT` for one that begins with `$`.
 */
export interface RegisterProcedure {
  <Name extends string, Declared extends Params, Result>(
    name: Name,
    options: NamedOptions<Declared>,
    handler: (params: ParamsOf<Declared>, call: Call) => Result,
  ): Exposed<Record<Name, (params: ParamsOf<Declared>) => Result>>;
  <Name extends string, Result>(
    name: Name,
    options: Omit<ProcedureOptions, "params"> & { readonly params?: never },
    handler: (call: Call) => Result,
  ): Exposed<Record<Name, (...args: readonly unknown[]) => Result>>;
  <Name extends string, Result>(
    name: Name,
    handler: (call: Call) => Result,
  ): Exposed<Record<Name, (...args: readonly unknown[]) => Result>>;
}

type AnyHandler = Handler | ((params: never, call: Call) => unknown);

/** Makes a handler of what was registered with these options. */
export type Binding = (options: ProcedureOptions, run: (...args: unknown[]) => unknown) => Handler;

/** The procedures of one end: a server's, or those that a client lets its server call. */
export class Procedures {
  readonly router: Router = new Router();
  readonly #binding: Binding;

  constructor(binding: Binding) {
    this.#binding = binding;
    this.router.add("$ping", { public: true }, () => true);
  }

  /**
   * Makes plain functions callable under their names. Positional arguments are spread, named ones
   * come as one last object.
   *
   * @throws `ALREADY_EXISTS` for a name that is taken.
   */
  expose<Exposing extends Functions>(
    functions: Exposing,
    options: ExposeOptions = {},
  ): Exposed<Exposing> {
    const names = Object.keys(functions);
    for (const name of names) {
      const plain = functions[name];
      if (typeof plain !== "function") throw notCallable(name);
      this.#add(name, options, bindPlain(plain));
    }
    return { names };
  }

  /** Registers one procedure. */
  readonly procedure: RegisterProcedure = (
    name: string,
    given: ProcedureOptions | Handler,
    handler?: AnyHandler,
  ): Exposed<never> => {
    const options = typeof given === "function" ? {} : given;
    const run = typeof given === "function" ? given : handler;
    if (typeof run !== "function") throw notCallable(name);
    this.#add(name, options, this.#binding(options, run as (...args: unknown[]) => unknown));
    return { names: [name] };
  };

  /** Wraps every handler. */
  use(middleware: Middleware): void {
    this.router.use(middleware);
  }

  #add(name: string, options: ProcedureOptions, handler: Handler): void {
    if (name.startsWith("$")) throw reserved(name);
    this.router.add(name, options, handler);
  }
}

function notCallable(name: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", `${name} needs a function that answers it`);
}

function reserved(name: string): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    `${name}: names that begin with $ are Sealwire's own`,
  );
}
