import { encodeHex } from "../../bytes/text.ts";
import type { OnStatus, PeerStatus } from "../../peers/status.ts";
import { foreign } from "../printable.ts";
import type { Shell } from "../shell.ts";

/** Tells people what happens on the way to the other side, each thing once. */
export function pathNotes(shell: Shell, verbose = false): OnStatus {
  const beganMs = performance.now();
  let last = "";
  return (status) => {
    const atMs = Math.round(performance.now() - beganMs);
    const text = verbose ? `${atMs} ms ${JSON.stringify(status, plain)}` : textOf(status);
    if (text === undefined || text === last) return;
    last = text;
    shell.note(foreign(text));
  };
}

function textOf(status: PeerStatus): string | undefined {
  if (status.status === "UDP_ESTABLISHED") {
    const { path, remote, rttMs } = status;
    const where = path === "direct" ? `directly with ${remote.host}:${remote.port}` : WAYS[path];
    const time = rttMs === undefined ? "" : ` (${Math.max(1, Math.round(rttMs))} ms)`;
    return `connected ${where}${time}`;
  }
  if (status.status === "ERROR") return `${status.error.code}: ${status.error.message}`;
  return status.status === "RECONNECTING" ? "the path was lost; trying others" : undefined;
}

const WAYS = {
  "relay-udp": "through a relay, which reads nothing",
  "relay-ws": "through a relay by WebSocket, which reads nothing",
} as const;

function plain(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeHex(value);
  return value instanceof Error ? value.message : value;
}
