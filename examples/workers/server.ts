import type { Server } from "sealwire";

/** For `sealwire serve`: the same functions in threads of one server, and one that answers itself. */
export default function register(server: Server): void {
  const module = new URL("./tasks.ts", import.meta.url);
  for (const handler of ["primesBelow", "slowly"]) {
    server.procedure(handler, { worker: { module, handler } });
  }
  server.expose({ hello: () => "hello" });
}
