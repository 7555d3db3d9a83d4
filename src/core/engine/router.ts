import type { ProcedureOptions, Registered } from "../contracts/feature.ts";
import type { Handler, Middleware } from "../model/call.ts";
import { SealwireError } from "../model/errors.ts";
import { compose } from "./compose.ts";

/** One procedure as the engine runs it: `run` is the handler with everything that wraps it. */
export type Route = Registered;

/** Finds procedures by name. */
export interface Routes {
  find(name: string): Route | undefined;
}

/** Procedure name → handler and its options. A `Map`, so that `__proto__` is a name like others. */
export class Router implements Routes {
  readonly #routes = new Map<string, Route>();
  readonly #handlers = new Map<string, Handler>();
  readonly #middlewares: Middleware[] = [];
  #elsewhere: (name: string) => Route | undefined = () => undefined;
  /** Those from elsewhere with what wraps them here; until there are more middlewares. */
  #wrapped = new WeakMap<Route, Route>();

  /** @throws `ALREADY_EXISTS` for a name that is taken, `INVALID_ARGUMENT` for an unusable one. */
  add(name: string, options: ProcedureOptions, handler: Handler): void {
    if (name === "" || name.length > MAX_NAME_LENGTH) throw unusable(name);
    if (this.#routes.has(name)) throw taken(name);
    this.#handlers.set(name, handler);
    this.#routes.set(name, { name, options, run: compose(this.#middlewares, handler) });
  }

  /** Wraps every procedure, also those registered before. */
  use(middleware: Middleware): void {
    this.#middlewares.push(middleware);
    this.#wrapped = new WeakMap();
    for (const [name, { options }] of this.#routes) {
      const handler = this.#handlers.get(name);
      if (!handler) continue;
      this.#routes.set(name, { name, options, run: compose(this.#middlewares, handler) });
    }
  }

  find(name: string): Route | undefined {
    return this.#routes.get(name) ?? this.#found(name);
  }

  /** Only what is registered here. */
  local(name: string): Route | undefined {
    return this.#routes.get(name);
  }

  /** Asked for names that are not registered here. */
  otherwise(find: (name: string) => Route | undefined): void {
    this.#elsewhere = find;
  }

  /** All procedures in the order of their registration. */
  list(): ReadonlyMap<string, ProcedureOptions> {
    return new Map([...this.#routes].map(([name, { options }]) => [name, options]));
  }

  #found(name: string): Route | undefined {
    const route = this.#elsewhere(name);
    if (!route || this.#middlewares.length === 0) return route;
    const known = this.#wrapped.get(route);
    if (known) return known;
    const wrapped = { ...route, run: compose(this.#middlewares, route.run) };
    this.#wrapped.set(route, wrapped);
    return wrapped;
  }
}

const MAX_NAME_LENGTH = 256;

function unusable(name: string): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    `a procedure's name has 1 to ${MAX_NAME_LENGTH} characters, this one has ${name.length}`,
  );
}

function taken(name: string): SealwireError {
  return new SealwireError("ALREADY_EXISTS", `there is a procedure named ${name} already`);
}
