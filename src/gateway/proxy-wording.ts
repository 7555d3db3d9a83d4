import { endpointText } from "../core/engine/endpoint-text.ts";
import { isFields } from "../core/engine/fields.ts";
import type { SealwireError } from "../core/model/errors.ts";
import type { ClientFrame } from "./client-frame.ts";
import { authFrame, dataFrame, heartbeatFrame, invalid, shownType } from "./frame-fields.ts";
import { isHeartbeatText, isHeartbeatType } from "./heartbeat-frame.ts";
import { parseJson } from "./parse-json.ts";
import { payloadOf } from "./payload.ts";
import { wireCode } from "./wire-codes.ts";
import type { Discovery, Progress, Wording } from "./wording.ts";

/** The language of `/v0/ws/proxy`: upper-case statuses, and `data` both ways. */
export function proxyWording(connectionId: string, binary: boolean): Wording {
  const frame = (type: string, fields: object) =>
    JSON.stringify({ type, ...fields, connection_id: connectionId });
  return {
    parse: parseFrame,
    progress: (progress) => frame("status", statusOf(progress)),
    message: (bytes) => JSON.stringify({ type: "data", ...payloadOf(bytes, binary) }),
    ack: (id) => frame("ack", { id }),
    pong: (id) => frame("pong", { id }),
    error: (error, id) => frame("error", { ...failureOf(error), ...(id !== undefined && { id }) }),
    discovered: (discovery) => frame("public_address_discovered", discoveryFields(discovery)),
    undiscovered: (error) => frame("public_address_discovery_failed", failureOf(error)),
  };
}

/** The fields of a found address; both languages have the same. */
export function discoveryFields({ public: found, local, remote }: Discovery): object {
  return {
    public_ip: found.host,
    public_port: found.port,
    local_address: endpointText(local),
    peer_address: endpointText(remote),
    discovery_method: "STUN via active SRMUDP connection",
  };
}

function parseFrame(text: string): ClientFrame {
  const json = parseJson(text);
  if (json === undefined) {
    return isHeartbeatText(text)
      ? { kind: "nothing" }
      : invalid("the frame is no JSON; send an object");
  }
  const { value } = json;
  if (!isFields(value)) return invalid("the frame is no JSON object; send one with a type");
  const { type } = value;
  if (type === "data") return dataFrame(value);
  if (type === "auth") return authFrame(value);
  if (type === "discover_public_address") return { kind: "discover" };
  if (isHeartbeatType(type)) return heartbeatFrame(value);
  // Reserved by the original, which takes it and does nothing.
  if (type === "command") return { kind: "nothing" };
  return invalid(`the type ${JSON.stringify(shownType(type))} is unknown; send data, auth or ping`);
}

function statusOf(progress: Progress): object {
  switch (progress.step) {
    case "connected":
      return { status: "CONNECTED", message: "WebSocket connection established", acks: true };
    case "waiting": {
      const message = "Attempting to establish UDP connection";
      return { status: "UDP_WAITING", message, ...localFields(progress) };
    }
    case "established": {
      const { remote, authenticated } = progress;
      const message = "UDP connection established with remote peer";
      const proven = { remote_address: endpointText(remote), authenticated };
      return { status: "UDP_ESTABLISHED", message, ...localFields(progress), ...proven };
    }
    case "reconnecting": {
      const message = "Connection lost, attempting to reconnect";
      return { status: "RECONNECTING", message, ...localFields(progress) };
    }
    case "failed":
      return { status: "ERROR", ...failureOf(progress.error), fatal: true };
  }
}

function localFields({ local }: Extract<Progress, { readonly local: object }>): object {
  return { local_address: endpointText(local), local_port: local.port };
}

function failureOf(error: SealwireError): object {
  return { code: wireCode(error), message: error.message };
}
