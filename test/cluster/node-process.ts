import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A node of a cluster in a process of its own. */
export interface NodeProcess {
  readonly nodeId: string;
  readonly address: string;
  /** Says it to all clients of the cluster. */
  say(text: string): void;
  kill(): Promise<void>;
}

/** What the nodes of a cluster have in common. */
export interface NodeSecrets {
  readonly clusterKey: string;
  readonly serverKey: string;
}

const RUN = fileURLToPath(new URL("../../scripts/run.js", import.meta.url));
const NODE = fileURLToPath(new URL("./node.ts", import.meta.url));

/** Starts one; it listens when this resolves. */
export async function nodeProcess(
  nodeId: string,
  natsUrl: string,
  { clusterKey, serverKey }: NodeSecrets,
): Promise<NodeProcess> {
  const child = spawn(process.execPath, [RUN, NODE, nodeId, natsUrl], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, CLUSTER_KEY: clusterKey, SERVER_KEY: serverKey },
  });
  const [address] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    once(child, "exit").then(([code]) => {
      throw new Error(`node ${nodeId} ended with ${code}`);
    }),
  ]);
  return {
    nodeId,
    address: String(address),
    say: (text) => void child.stdin.write(`${text}\n`),
    kill: () => killed(child),
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
