import { z } from "zod";
import { type SharedState, sharedState } from "../../src/features/shared-state/index.ts";
import type { Server } from "../../src/server/server.ts";

/** What the functions of a test leave behind. */
export interface Left {
  readonly state: SharedState;
  /** Lets the calls of `wait` go, the last first. */
  readonly gates: (() => void)[];
}

/** Registers what the tests of the wire call. */
export function registerFunctions(server: Server): Left {
  const gates: (() => void)[] = [];
  server.expose({ ping: () => "pong", open: (...args: unknown[]) => args }, { public: true });
  server.expose({ echo: (...args: unknown[]) => args, add: (a: number, b: number) => a + b });
  server.procedure("whoami", (call) => call.principal?.id);
  server.procedure("publicWhoami", { public: true }, (call) => call.principal?.id);
  const number = z.number();
  server.procedure("sub", { params: { a: number, b: number.default(1) } }, ({ a, b }) => a - b);
  server.procedure("wait", () => new Promise<void>((go) => gates.push(go)));
  server.procedure("set", () => new Set([1]));
  server.procedure("fail", (call) => {
    throw new TypeError(String(call.args.positional[0]));
  });
  server.procedure("throwNothing", () => Promise.reject(undefined));
  return { gates, state: server.install(sharedState()) };
}
