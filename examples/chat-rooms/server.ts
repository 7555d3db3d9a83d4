import { pathToFileURL } from "node:url";
import { createServer, type NodeServer } from "sealwire";
import { rooms } from "sealwire/features/rooms";

/** A server for people who talk in rooms; in `news` the server alone speaks. */
export async function startChat(address: string, log: (line: string) => void): Promise<NodeServer> {
  const server = createServer({
    name: "chat",
    authenticator: { authenticate: async () => ({ id: "guest", scopes: new Set<string>() }) },
  });
  const chat = server.install(rooms({ declare: { news: { emit: "nobody" } }, graceMs: 5_000 }));
  chat.onPresence((room, change, { data }) => log(`${room}: ${data} ${change}`));
  await server.listen(address);
  return server;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [address = "tcp://127.0.0.1:7000"] = process.argv.slice(2);
  const server = await startChat(address, (line) => console.log(line));
  console.log(`listening ${server.address} ${await server.fingerprint()}`);
  process.once("SIGINT", () => void server.close());
  process.once("SIGTERM", () => void server.close());
}
