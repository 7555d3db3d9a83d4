import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { createServer, generateKeys, type NodeServer, readKeys } from "sealwire";
import { stateStoreIn } from "sealwire/adapters/embedded";

/** A server whose variables are still there when it is started again. */
export async function startCounter(folder: string, address: string): Promise<NodeServer> {
  const server = createServer({
    name: "counter",
    native: { identity: await readKeys(await secretKeyIn(`${folder}.key`)) },
    authenticator: { authenticate: async () => ({ id: "guest", scopes: new Set<string>() }) },
    state: {
      store: await stateStoreIn(folder),
      declare: {
        visitors: { rule: "counter", history: 10 },
        title: { rule: "compare-and-set" },
        "server/*": { write: "nobody" },
      },
    },
  });
  await server.listen(address);
  await server.shared.set("server/started", new Date());
  return server;
}

/** Clients remember the key of a server: it stays the same. */
async function secretKeyIn(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch {
    const { secretKey } = await generateKeys();
    await writeFile(file, secretKey, { mode: 0o600, flag: "wx" });
    return secretKey;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [folder = "counter-state", address = "tcp://127.0.0.1:7000"] = process.argv.slice(2);
  const server = await startCounter(folder, address);
  const visitors = server.shared.get("visitors") ?? 0;
  console.log(`listening ${server.address}`);
  console.log(`kept in ${server.shared.keptIn}; visitors so far: ${visitors}`);
  process.once("SIGINT", () => void server.close());
  process.once("SIGTERM", () => void server.close());
}
