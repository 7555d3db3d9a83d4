import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateKeys } from "sealwire";

const [first = "tcp://127.0.0.1:7001", second = "tcp://127.0.0.1:7002", given] =
  process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "sealwire-cluster-"));
const nats = given ?? (await startNats());

const env = {
  ...process.env,
  CLUSTER_KEY: randomBytes(32).toString("base64url"),
  SERVER_KEY: (await generateKeys()).secretKey,
};
const run = fileURLToPath(new URL("../../scripts/run.js", import.meta.url));
const node = fileURLToPath(new URL("./node.ts", import.meta.url));
const nodes = [
  ["a", first],
  ["b", second],
].map(([id = "", address = ""]) => {
  return spawn(process.execPath, [run, node, id, address, nats], { env, stdio: "inherit" });
});

// Ctrl-C reaches the nodes and nats-server by itself.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => nodes.map((each) => each.kill("SIGTERM")));
await Promise.all(nodes.map((each) => once(each, "exit")));
rmSync(folder, { recursive: true, force: true });
process.exit();

/** A nats-server of our own, which ends with us. */
async function startNats(): Promise<string> {
  const port = await freePort();
  const args = ["--addr", "127.0.0.1", "--port", String(port), "-js", "-sd", folder];
  const server = spawn("nats-server", args, { stdio: ["ignore", "ignore", "pipe"] });
  server.once("error", () => {
    console.error("there is no nats-server: install it, or name the URL of one as third argument");
    process.exit(2);
  });
  process.once("exit", () => server.kill());
  for await (const text of server.stderr.setEncoding("utf8")) {
    if (String(text).includes("Server is ready")) break;
  }
  return `nats://127.0.0.1:${port}`;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address ? address.port : 4222;
}
