import { z } from "zod";
import type { Server } from "../../src/server/server.ts";

/** Anything at all, but something: Python tells a missing argument from one that is None. */
export const given: z.ZodUnknown = z.unknown().refine((value) => value !== undefined, "missing");

class ValueError extends Error {
  override readonly name = "ValueError";
}

/** What the server of the recordings offers; its task waits for `wait` instead of the time. */
export function originalProcedures(
  server: Server,
  wait: (seconds: unknown) => Promise<void> = async () => {},
): void {
  server.procedure("greet", { params: { name: given } }, ({ name }) => {
    if (typeof name !== "string") throw new TypeError("Name must be a string");
    return `Hello, ${name}!`;
  });
  server.procedure("long_running_task", { params: { seconds: given } }, async ({ seconds }) => {
    if (typeof seconds === "string") {
      throw new TypeError("'<=' not supported between instances of 'str' and 'int'");
    }
    await wait(seconds);
    return `Task completed after ${seconds} seconds.`;
  });
  server.procedure("echo", ({ args }) => ({ args: args.positional, kwargs: args.named }));
  server.procedure("boom", { params: { text: given } }, ({ text }) => {
    throw new ValueError(String(text));
  });
  server.procedure("unserialisable", () => new Set([1]));
}
