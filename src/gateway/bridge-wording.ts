import { encodeUtf8 } from "../bytes/text.ts";
import { endpointText } from "../core/engine/endpoint-text.ts";
import { isFields } from "../core/engine/fields.ts";
import type { ClientFrame } from "./client-frame.ts";
import { authFrame, dataFrame, heartbeatFrame, invalid, shownType } from "./frame-fields.ts";
import { isHeartbeatText, isHeartbeatType } from "./heartbeat-frame.ts";
import { parseJson } from "./parse-json.ts";
import { payloadOf } from "./payload.ts";
import { discoveryFields } from "./proxy-wording.ts";
import { wireCode } from "./wire-codes.ts";
import type { Progress, Wording } from "./wording.ts";

/** The language of `/v0/ws/bridge`: `message` both ways and one status, when the link is there. */
export function bridgeWording(peerAddress: string, binary: boolean): Wording {
  const frame = (type: string, fields: object) => JSON.stringify({ type, ...fields });
  return {
    parse: parseFrame,
    progress: (progress) => progressFrame(progress, peerAddress),
    message: (bytes) => frame("message", payloadOf(bytes, binary)),
    ack: (id) => frame("ack", { id }),
    pong: (id) => frame("pong", { id }),
    // As in the original: what a frame does wrong stands in `error`, what ends all in `message`.
    error: (error, id) =>
      frame("error", {
        error: error.message,
        code: wireCode(error),
        ...(id !== undefined && { id }),
      }),
    discovered: (discovery) => frame("public_address_discovered", discoveryFields(discovery)),
    undiscovered: (error, { local, remote }) =>
      frame("public_address_discovery_failed", {
        error: error.message,
        local_address: endpointText(local),
        peer_address: endpointText(remote),
      }),
  };
}

/** What is no JSON goes to the peer as it is; heartbeats are taken out of the way. */
function parseFrame(text: string): ClientFrame {
  const json = parseJson(text);
  if (json === undefined) {
    if (text === "") return invalid("the frame is empty or binary; send text");
    return isHeartbeatText(text) ? { kind: "nothing" } : { kind: "data", bytes: encodeUtf8(text) };
  }
  const { value } = json;
  if (!isFields(value)) return invalid("the frame is no JSON object; send one with a type");
  const { type } = value;
  if (type === "message") return dataFrame(value);
  if (type === "auth") return authFrame(value);
  if (type === "discover_public_address") return { kind: "discover" };
  if (isHeartbeatType(type)) return heartbeatFrame(value);
  // Clients of the original look for these words, which Python chose where there is no type.
  return invalid(`Unknown message type: ${type === undefined ? "None" : shownType(type)}`);
}

function progressFrame(progress: Progress, peerAddress: string): string | undefined {
  if (progress.step === "failed") {
    const { error } = progress;
    return JSON.stringify({ type: "error", message: error.message, code: wireCode(error) });
  }
  if (progress.step !== "established" && progress.step !== "reconnecting") return undefined;
  return JSON.stringify({
    type: "status",
    status: progress.step === "established" ? "connected" : "reconnecting",
    local_address: endpointText(progress.local),
    peer_address: peerAddress,
    ...(progress.step === "established" && { authenticated: progress.authenticated }),
  });
}
