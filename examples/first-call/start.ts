import { type Demonstration, startDemonstration } from "./demonstration.ts";

/** `npm start`: the demonstration, until Ctrl-C. */
const demonstration = await startDemonstration({ tcp: 7_000, webSocket: 7_001 });
// Before it says that it runs: whoever reads that may end it at once.
process.once("SIGINT", () => void stop());
process.once("SIGTERM", () => void stop());
console.log(introduction(demonstration));

/** Lets what runs finish; a second Ctrl-C does not wait for it. */
async function stop(): Promise<void> {
  process.once("SIGINT", () => process.exit(130));
  console.log("\nClosing: calls that run may finish.");
  await demonstration.close();
  process.exit(0);
}

function introduction(running: Demonstration): string {
  const { tcp, webSocket, page, key, fingerprint, taken } = running;
  const proof = `--key ${key} --pin ${fingerprint}`;
  const command = "node bin/sealwire.js";
  return [
    "Sealwire runs. Everything between the two ends of a call is sealed.",
    "",
    ...taken.map((port) => `  Port ${port} is taken by another program, so a free one was chosen.`),
    `  listening    ${tcp.href}`,
    `  listening    ${webSocket.href}`,
    `  page         ${page.href}`,
    `  fingerprint  ${fingerprint}`,
    `  API key      ${key} (of the user "you", as long as this runs)`,
    "",
    "Try in a second terminal: a call, a stream, events.",
    "",
    `  ${command} call ${tcp.href} add 2 3 ${proof}`,
    `  ${command} call ${webSocket.href} countdown 5 ${proof}`,
    `  ${command} watch ${tcp.href} tick ${proof}`,
    "",
    "Ctrl-C ends it.",
  ].join("\n");
}
