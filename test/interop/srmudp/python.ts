import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bindUdp } from "../../../src/transports/udp/datagram-socket.ts";

/** Debian's own, with its python3-pycryptodome. */
const PYTHON = "/usr/bin/python3";
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** What the Python peer says, one line each. */
export type Said = Readonly<Record<string, unknown>>;

/** A running program that ends with the test. */
export interface Running {
  /** All that it said, once it has ended. */
  readonly said: Promise<readonly Said[]>;
  close(): void;
}

/** The Python peer between two ports of this machine. */
export function pythonPeer(bind: number, remote: number, args: readonly string[]): Running {
  const child = spawn(PYTHON, ["-B", here("peer.py"), String(bind), String(remote), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { said: lines(child), close: () => void child.kill() };
}

/** The relay that spoils the weather between two ports; ready when it resolves. */
export async function impaired(
  ends: { readonly client: number; readonly to: number },
  between: { readonly listen: number; readonly back: number },
  weather: readonly string[],
): Promise<{ close(): void }> {
  const at = (port: number) => `127.0.0.1:${port}`;
  const places = [
    ...["--client", at(ends.client), "--listen", at(between.listen)],
    ...["--back", at(between.back), "--to", at(ends.to)],
  ];
  const child = spawn(
    PYTHON,
    [here("../../tools/udp-impair"), ...places, "--control", ...weather],
    {
      stdio: ["pipe", "pipe", "ignore"],
    },
  );
  const answered = once(createInterface({ input: child.stdout }), "line");
  child.stdin.write("set\n");
  await answered;
  return { close: () => void child.kill() };
}

/** Ports that nobody uses just now. */
export async function freePorts(count: number): Promise<number[]> {
  const sockets = await Promise.all(
    Array.from({ length: count }, () => bindUdp({ host: "127.0.0.1", port: 0 })),
  );
  await Promise.all(sockets.map((socket) => socket.close()));
  return sockets.map(({ address }) => address.port);
}

async function lines(child: ChildProcess): Promise<readonly Said[]> {
  const said: Said[] = [];
  if (child.stdout === null) return said;
  for await (const line of createInterface({ input: child.stdout })) said.push(JSON.parse(line));
  return said;
}
