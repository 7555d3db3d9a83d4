import { setTimeout as pause } from "node:timers/promises";
import { SealwireError, type Server } from "sealwire";

/** For everybody, without a key. */
const open = {
  hello: (name: string): string => `Hello ${name}, whoever you are.`,
};

/** For those who have proven who they are. */
const closed = {
  greet: (name: string): string => `Good to see you, ${name}.`,
  add: (a: number, b: number): number => a + b,
  countdown: (from: number): AsyncIterable<number> => countFrom(from),
};

/** What can be called here, as a type: clients import it, and with it no code. */
export type Api = typeof open & typeof closed & { whoami(): string | number | undefined };

/** What the event `tick` brings, every second. */
export interface Tick {
  readonly at: Date;
  /** How many are connected. */
  readonly connections: number;
}

/** Registers everything. `sealwire serve examples/first-call/server.ts` does it too. */
export default function register(server: Server): void {
  server.expose(open, { public: true });
  server.expose(closed);
  server.procedure("whoami", (call) => call.principal?.id);
  tickEverySecond(server);
}

const MAX_COUNT = 1_000;
const STEP_MS = 200;

/** A stream: each number goes out when it is due, and no more when the caller has left. */
async function* countFrom(from: number): AsyncGenerator<number, void> {
  if (!Number.isInteger(from) || from < 0 || from > MAX_COUNT) {
    const message = `from is ${from}; give a whole number from 0 to ${MAX_COUNT}`;
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  for (let left = from; left >= 0; left--) {
    yield left;
    if (left > 0) await pause(STEP_MS);
  }
}

/** An event: whoever watches `tick` is told, nobody answers. */
function tickEverySecond(server: Server): void {
  const timer = setInterval(() => {
    const tick: Tick = { at: new Date(), connections: server.connections.size };
    void server.broadcast("tick", tick);
  }, 1_000);
  // What is open keeps the program alive, not its clock.
  timer.unref();
  server.onShutdown(() => clearInterval(timer));
}
