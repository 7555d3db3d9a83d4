import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const TOOL = fileURLToPath(new URL("../tools/udp-impair", import.meta.url));

/** A path between two UDP ports of loopback that can be cut. */
export interface ImpairedPath {
  /** Where the one at `client` sends, to reach the one at `service`. */
  readonly towardsService: number;
  /** Where the one at `service` sends. */
  readonly towardsClient: number;
  /** Lets so many percent of the datagrams be lost, both ways. */
  lose(percent: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts the impairment relay between two bound ports. Two more ports are taken for it. */
export async function impairedPath(
  client: number,
  service: number,
  towardsService: number,
  towardsClient: number,
): Promise<ImpairedPath> {
  const at = (port: number) => `127.0.0.1:${port}`;
  const child = spawn(
    "python3",
    [
      TOOL,
      ...["--control", "--print-port", "--stats", "/dev/null"],
      ...["--client", at(client), "--listen", at(towardsService)],
      ...["--back", at(towardsClient), "--to", at(service)],
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = () => Promise.race([lines.next(), ended.then(crashed)]);
  await answer();
  return {
    ...{ towardsService, towardsClient },
    async lose(percent) {
      child.stdin.write(`set loss=${percent}\n`);
      await answer();
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

function crashed(): never {
  throw new Error("the impairment relay has ended; does python3 run here?");
}
