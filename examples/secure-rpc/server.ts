import { setTimeout as pause } from "node:timers/promises";
import type { Server } from "sealwire";
import { z } from "zod";

/**
 * The functions of the Python system: declared with their parameters, so that positional and named
 * arguments and defaults bind as they do there, and what does not fit is an error there too.
 */
export default function register(server: Server): void {
  server.procedure("ping", { public: true, params: {} }, () => "pong");
  server.procedure("whoami", { params: {} }, (_, call) => call.principal?.id);
  server.procedure("echo", { params: { value: anything } }, ({ value }) => value);
  server.procedure("add", { params: { a: summand, b: summand } }, ({ a, b }) => add(a, b));
  server.procedure("fail", { params: { message: z.string() } }, ({ message }) => {
    throw new Error(message);
  });
  for (const name of ["slow_multiply", "mul"]) {
    server.procedure(name, { params: factors }, async ({ a, b, delay }, { signal }) => {
      await pause(1_000 * delay, undefined, { signal });
      return a * b;
    });
  }
}

/** Numbers, texts, and the integers beyond 2^53 that Python sends. */
const summand = z.union([z.number(), z.bigint(), z.string()]);

/** In seconds, as there. */
const delay = z.number().min(0).max(3_600).default(1);
const factors = { a: z.number(), b: z.number(), delay };

/** Everything but nothing at all, which would be a missing argument. */
const anything = z.unknown().refine((value) => value !== undefined, "missing");

type Summand = z.infer<typeof summand>;

function add(a: Summand, b: Summand): Summand {
  if (typeof a === "string" && typeof b === "string") return a + b;
  if (typeof a === "string" || typeof b === "string") {
    throw new TypeError("add takes two numbers or two texts, not one of each");
  }
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (Number.isInteger(Number(a)) && Number.isInteger(Number(b))) return BigInt(a) + BigInt(b);
  return Number(a) + Number(b);
}
