import { connect, type SealwireError } from "sealwire";
import { callWithoutWaiting } from "./sync-client.ts";
import { trustId } from "./trust-id.ts";

/** What the server offers, as a type. */
interface Api {
  greet(name: string): string;
  long_running_task(seconds: number): string;
  non_existent_function(): void;
}

const { TRUST_URL: url = "trust-rpc://127.0.0.1:8888" } = process.env;
const credentials = { scheme: "password", password: trustId() } as const;

await callAtOnce();
console.log("\n--- Testing Sync RPC Call ---");
callWithoutWaiting(url, credentials, tellHandshake);
console.log("--- Sync Test Finished ---");

/** Two calls at once on one connection, then one that goes wrong. */
async function callAtOnce(): Promise<void> {
  await using client = await connect(url, { credentials });
  tellHandshake();
  const server = client.api<Api>();
  const [greeting, task] = await Promise.all([server.greet("Alice"), server.long_running_task(2)]);
  console.log("Async 'greet' result:", greeting);
  console.log("Async 'long_running_task' result:", task);
  const mistake = await server.non_existent_function().catch((error: SealwireError) => error);
  console.log("Async error test successful:", mistake?.message);
}

/** A connection that is open has been through all of this. */
function tellHandshake(): void {
  console.log("Client: Received challenge.");
  console.log("Client: Sent response.");
  console.log("Client: Handshake successful.");
}
