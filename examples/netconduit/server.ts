import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Server } from "sealwire";
import { errorResponse, lax, response } from "sealwire/dialects/netconduit";
import { files, folderStore } from "sealwire/features/files";
import { streams } from "sealwire/features/streams";
import * as z from "zod";

const USERS = ["ann", "bob", "cyd", "dan", "eve"].map((name, at) => ({ id: at + 1, name }));

/** Registers everything; `sealwire serve examples/netconduit/server.ts` does it too. */
export default function register(server: Server): void {
  registerProcedures(server, Date.now());
  registerMessages(server);
  tellWhoComesAndGoes(server);
  const { NETCONDUIT_FILES: folder = join(tmpdir(), "netconduit-files") } = process.env;
  server.install(files({ store: folderStore({ folder }) }));
  tickEverySecond(server);
}

function registerProcedures(server: Server, startedAt: number): void {
  // As pydantic reads them: "12" is an integer, too.
  const integers = { a: lax(z.int()), b: lax(z.int()) };
  const sum = { params: integers, result: z.int(), description: "Sum of two integers." };
  server.procedure("add", sum, ({ a, b }) => a + b);

  const named = { params: { name: z.string() }, result: z.string() };
  server.procedure("greet", named, ({ name }) => `Hello, ${name}!`);

  const numbers = { operation: z.string(), a: lax(z.number()), b: lax(z.number()) };
  server.procedure("calculate", { params: numbers }, ({ operation, a, b }) =>
    calculate(operation, a, b),
  );

  server.procedure("get_stats", { params: {}, description: "Get server statistics." }, () => {
    return { clients: server.connections.size, uptime: (Date.now() - startedAt) / 1_000 };
  });

  const count = z.int().min(1);
  const page = { page: lax(count.default(1)), page_size: lax(count.default(2)) };
  server.procedure("users.list", { params: page }, ({ page, page_size: pageSize }) => {
    const users = USERS.slice((page - 1) * pageSize, page * pageSize);
    return response.withPagination(users, USERS.length, { page, pageSize });
  });

  const one = { params: { id: lax(z.int()) } };
  server.procedure("users.get", one, ({ id }) => {
    return USERS.find((user) => user.id === id) ?? errorResponse.notFound("User", id);
  });

  // `z.unknown()` alone would take a missing argument for `undefined`.
  const value = z.unknown().refine((given) => given !== undefined, "Field required");
  server.procedure("echo", { params: { value } }, ({ value }) => value);

  const seconds = { params: { seconds: lax(z.number().min(0).max(60)) } };
  server.procedure("slow", seconds, async ({ seconds }, { signal }) => {
    await pause(seconds * 1_000, signal);
    return seconds;
  });
}

function calculate(operation: string, a: number, b: number): unknown {
  switch (operation) {
    case "add":
      return { result: a + b };
    case "subtract":
      return { result: a - b };
    case "multiply":
      return { result: a * b };
    case "divide":
      return b === 0 ? errorResponse("Division by zero", 400) : { result: a / b };
    default:
      return errorResponse.validation(`Unknown operation: ${operation}`, { field: "operation" });
  }
}

/** What a receiver returns goes back to the sender, as `ping_response` and `chat_response`. */
function registerMessages(server: Server): void {
  server.onEvent("ping", (data) => ({ pong: true, data }));
  server.onEvent("chat", async (data, from) => {
    const { delivered } = await server.broadcast("chat", data, { exclude: from });
    return { delivered };
  });
}

function tellWhoComesAndGoes(server: Server): void {
  server.onConnect(async (peer) => {
    await server.broadcast("user_join", { id: peer.id }, { exclude: peer });
  });
  server.onDisconnect((peer) => {
    void server.broadcast("user_leave", { id: peer.id });
  });
}

/** A stream that clients subscribe to by its name, `ticks`. */
function tickEverySecond(server: Server): void {
  const ticks = server.install(streams()).create("ticks");
  let n = 0;
  const timer = setInterval(() => {
    void ticks.push({ n: n++ });
  }, 1_000);
  // What is open keeps the program alive, not its clock.
  timer.unref();
  server.onShutdown(() => clearInterval(timer));
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
