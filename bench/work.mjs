/** What every peer does in the same way, and the sizes of it. */

/** What the peers that know no generated keys authenticate with. */
export const API_KEY = "bench-key-5f1f0c2f9e";

/** The peers in the order of the table; the first is what the others are compared with. */
export const PEERS = Object.freeze([
  "net",
  "net+cork",
  "net+tls",
  "ws+msgpackr",
  "socket.io",
  "trpc",
  "grpc-js",
  "sealwire",
  "sealwire-ws",
]);

export const WORKLOADS = Object.freeze(["w1", "w2", "w3", "w4", "w6"]);

/** How long and how much; `quick` finds mistakes, it does not measure. */
export function sizes(quick) {
  return quick
    ? { warmMs: 150, runMs: 250, items: 10_000, connections: 100 }
    : { warmMs: 700, runMs: 1500, items: 100_000, connections: 2_000 };
}

/** A workload that takes longer than this is given up; its peer gets no number. */
export const TIME_LIMIT_MS = 120_000;
