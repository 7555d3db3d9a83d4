import type { Server } from "sealwire";
import { rooms } from "sealwire/features/rooms";

/** What the nodes of the tests serve; nothing in it knows of a cluster. */
export default function served(server: Server): void {
  server.install(rooms());
  server.event("news", { public: true });
  server.procedure("tell", ({ args }) => server.broadcast("news", args.positional[0]));
}
