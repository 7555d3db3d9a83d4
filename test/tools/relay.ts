import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const TOOL = fileURLToPath(new URL("udp-impair", import.meta.url));

/** What happens to packets, both ways. Shares are of a hundred. */
export interface Weather {
  readonly loss?: number;
  readonly dup?: number;
  readonly reorder?: number;
  /** One bit flipped, under a checksum that fits. */
  readonly corrupt?: number;
  /** Milliseconds, one way. */
  readonly delay?: number;
  readonly jitter?: number;
  /** Mbit/s, and KiB that may wait for the link. */
  readonly rate?: number;
  readonly queue?: number;
}

/** A relay for one client, whose port shows anew; or between two who know each other's ports. */
export type RelayEnds =
  | { readonly to: number }
  | {
      readonly client: number;
      readonly to: number;
      /** Where the client sends, and where the other sends. */
      readonly listen: number;
      readonly back: number;
    };

/** The impairment relay between ports of this machine. */
export interface Relay {
  /** Where the client sends. */
  readonly port: number;
  set(weather: Weather): Promise<void>;
  /** Gives its client another source port, as a router does that was restarted. */
  rebind(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the relay; it is ready when this resolves. Equal packets with equal seeds, equal fates. */
export async function relay(ends: RelayEnds, weather: Weather = {}, seed = 7): Promise<Relay> {
  const at = (port: number) => `127.0.0.1:${port}`;
  const pair = "back" in ends ? ["--client", at(ends.client), "--back", at(ends.back)] : [];
  const places = ["--listen", at("back" in ends ? ends.listen : 0), "--to", at(ends.to)];
  const quiet = ["--control", "--print-port", "--stats", "/dev/null", "--seed", String(seed)];
  const child = spawn("python3", [TOOL, ...places, ...pair, ...quiet], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = () => Promise.race([lines.next(), ended.then(crashed)]);
  const port = Number(
    String((await answer()).value)
      .split(":")
      .at(-1),
  );
  const set = async (changed: Weather) => {
    child.stdin.write(
      `set ${Object.entries(changed)
        .map((pair) => pair.join("="))
        .join()}\n`,
    );
    await answer();
  };
  await set(weather);
  return {
    port,
    set,
    rebind() {
      // Only `set` is answered, so one follows.
      child.stdin.write("rebind\n");
      return set({});
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
