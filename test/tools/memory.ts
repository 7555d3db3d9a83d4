import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What this process holds. */
export interface Held {
  readonly rssBytes: number;
  /** Sockets and timers that keep the process alive. */
  readonly handles: number;
}

/** What is held once everything that nobody needs is gone. */
export async function held(): Promise<Held> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("this Node has no gc to expose");
  for (let times = 0; times < 4; times++) {
    collect();
    await turn();
  }
  const handles = process.getActiveResourcesInfo().filter((name) => name !== "Immediate");
  return { rssBytes: process.memoryUsage().rss, handles: handles.length };
}
