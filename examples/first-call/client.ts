import { connect, type SealwireError } from "sealwire";
import type { Api, Tick } from "./server.ts";

/**
 * Calls, streams and listens. Everything it must know comes from the environment, because keys do
 * not belong in programs; `npm start` prints what to set.
 */
const {
  SEALWIRE_URL: url = "tcp://127.0.0.1:7000",
  SEALWIRE_KEY: key = "",
  SEALWIRE_PIN: pin = "",
} = process.env;

if (key === "" || pin === "") {
  console.error("set SEALWIRE_KEY and SEALWIRE_PIN to what npm start prints");
  process.exit(2);
}

await using client = await connect(url, { credentials: { scheme: "api-key", key }, pin });
const server = client.api<Api>();

console.log("whoami     ", await server.whoami());
console.log("add(2, 3)  ", await server.add(2, 3));
console.log("greet      ", await server.greet("Ada"));

for await (const left of server.countdown(3)) console.log("countdown  ", left);

const tick = await nextTick();
console.log("tick       ", tick.at.toISOString(), `${tick.connections} connected`);

const mistake = await client.call("countdown", [-1]).catch((error: SealwireError) => error);
console.log("a mistake  ", String(mistake));

/** The next event of this name. */
async function nextTick(): Promise<Tick> {
  return new Promise((resolve) => {
    const subscription = client.onEvent("tick", (data) => {
      subscription.close();
      resolve(data as Tick);
    });
  });
}
