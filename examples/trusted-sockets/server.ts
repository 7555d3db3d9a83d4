import type { Server } from "sealwire";
import { z } from "zod";

/** Anything, as long as it was given: what it may be is for the functions to say. */
const given = z.unknown().refine((value) => value !== undefined);

/** Registers everything; `sealwire serve examples/trusted-sockets/server.ts` does it too. */
export default function register(server: Server): void {
  server.procedure("greet", { params: { name: given } }, ({ name }) => greet(name));
  server.procedure("long_running_task", { params: { seconds: given } }, ({ seconds }, call) =>
    longRunningTask(seconds, call.signal),
  );
  server.procedure("echo", { params: { value: given } }, ({ value }) => value);
}

function greet(name: unknown): string {
  if (typeof name !== "string") throw new TypeError("Name must be a string");
  return `Hello, ${name}!`;
}

/** The longest that a timer of JavaScript can wait, about 24 days. */
const MAX_SECONDS = 2_147_483;

async function longRunningTask(seconds: unknown, signal: AbortSignal): Promise<string> {
  if (typeof seconds !== "number") {
    throw new TypeError(`'<=' not supported between instances of '${nameOf(seconds)}' and 'int'`);
  }
  if (seconds > MAX_SECONDS) throw new RangeError(`at most ${MAX_SECONDS} seconds`);
  await pause(seconds * 1_000, signal);
  return `Task completed after ${seconds} seconds.`;
}

/** What Python calls the type of a value that is no number. */
function nameOf(value: unknown): string {
  if (value === null) return "NoneType";
  if (Array.isArray(value)) return "list";
  return typeof value === "string" ? "str" : "dict";
}

/** Ends early when nobody waits for the answer any more. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
