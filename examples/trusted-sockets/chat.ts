import { createInterface } from "node:readline";
import { connect, type SealwireError } from "sealwire";
import { trustId } from "./trust-id.ts";

/** Sends each line that is typed as a frame of its own and prints what comes back. */
const { TRUST_URL: url = "trust-rpc://127.0.0.1:8888" } = process.env;

await using client = await connect(url, {
  credentials: { scheme: "password", password: trustId() },
  trustRpc: { chat: "echo" },
});
console.log("Connected. Type lines; 'exit' ends.");

for await (const line of createInterface(process.stdin)) {
  if (line === "exit") break;
  const echo = client.call("echo", [line]);
  console.log("Echo from server:", await echo.catch((error: SealwireError) => error.message));
}
