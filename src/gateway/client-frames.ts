import { decodeUtf8, encodeUtf8 } from "../bytes/text.ts";
import { isFields } from "../core/engine/fields.ts";
import { SealwireError } from "../core/model/errors.ts";
import { parseJson } from "./parse-json.ts";
import { quickBase64, quickBytes } from "./quick-base64.ts";
import { errorCodeOf } from "./wire-codes.ts";

/** A message from the peer. */
export interface SrmudpMessage {
  readonly bytes: Uint8Array;
  /** Present when the message is text, or bytes that can be read as text. */
  readonly text?: string;
}

/** The words of the proxy for where a link stands. */
export type SrmudpStatusWord =
  | "CONNECTED"
  | "UDP_WAITING"
  | "UDP_ESTABLISHED"
  | "RECONNECTING"
  | "ERROR";

/** Where the link stands. */
export interface SrmudpStatus {
  readonly status: SrmudpStatusWord;
  readonly connectionId?: string;
  readonly message: string;
  /** Where the proxy's UDP socket is bound. */
  readonly localPort?: number;
  readonly localAddress?: string;
  readonly remoteAddress?: string;
  /** Whether the peer has proven to know the key. */
  readonly authenticated?: boolean;
  /** With ERROR: why. */
  readonly error?: SealwireError;
}

/** What a proxy says, as far as its client understands it. */
export type ProxyFrame =
  | { readonly kind: "status"; readonly status: SrmudpStatus; readonly acks: boolean }
  | { readonly kind: "message"; readonly message: SrmudpMessage }
  | { readonly kind: "ack"; readonly id: unknown }
  | { readonly kind: "error"; readonly id: unknown; readonly error: SealwireError }
  | { readonly kind: "address"; readonly host: string; readonly port: number }
  | { readonly kind: "no-address"; readonly error: SealwireError }
  | { readonly kind: "nothing" };

/**
 * Reads a frame of the proxy. What it does not know is nothing, because newer proxies may say more.
 *
 * @throws `PROTOCOL_VIOLATION` for what no proxy says.
 */
export function parseProxyFrame(chunk: Uint8Array): ProxyFrame {
  const value = parseJson(decodeUtf8(chunk) ?? "")?.value;
  if (!isFields(value)) throw unreadable("a frame that is no JSON object");
  switch (value["type"]) {
    case "status":
      return { kind: "status", status: statusOf(value), acks: value["acks"] === true };
    case "data":
      return { kind: "message", message: messageOf(value) };
    case "ack":
      return { kind: "ack", id: value["id"] };
    case "error":
      return { kind: "error", id: value["id"], error: errorOf(value) };
    case "public_address_discovered":
      return {
        kind: "address",
        host: textOf(value["public_ip"]),
        port: Number(value["public_port"]),
      };
    case "public_address_discovery_failed":
      return { kind: "no-address", error: errorOf(value) };
    default:
      return { kind: "nothing" };
  }
}

/** A message for the peer. Strings are sent as text, bytes as base64. */
export function dataFrameOf(data: string | Uint8Array, id: number | undefined): Uint8Array {
  const payload =
    typeof data === "string"
      ? { format: "text", data }
      : { format: "binary", data: quickBase64(data) };
  return encodeUtf8(JSON.stringify({ type: "data", ...payload, ...(id !== undefined && { id }) }));
}

type Fields = Readonly<Record<string, unknown>>;

const WORDS: readonly SrmudpStatusWord[] = [
  "CONNECTED",
  "UDP_WAITING",
  "UDP_ESTABLISHED",
  "RECONNECTING",
  "ERROR",
];

function statusOf(fields: Fields): SrmudpStatus {
  const status = WORDS.find((word) => word === fields["status"]);
  if (!status) throw unreadable("an unknown status");
  const { connection_id: connectionId, local_port: localPort, authenticated } = fields;
  const { local_address: localAddress, remote_address: remoteAddress } = fields;
  return {
    status,
    message: textOf(fields["message"]),
    ...(typeof connectionId === "string" && { connectionId }),
    ...(typeof localPort === "number" && { localPort }),
    ...(typeof localAddress === "string" && { localAddress }),
    ...(typeof remoteAddress === "string" && { remoteAddress }),
    ...(typeof authenticated === "boolean" && { authenticated }),
    ...(status === "ERROR" && { error: errorOf(fields) }),
  };
}

function messageOf({ format, data }: Fields): SrmudpMessage {
  if (typeof data !== "string") throw unreadable("data without its text");
  if (format !== "binary") return { bytes: encodeUtf8(data), text: data };
  const bytes = quickBytes(data);
  if (!bytes) throw unreadable("data that is not base64");
  const text = decodeUtf8(bytes);
  return { bytes, ...(text !== undefined && { text }) };
}

/** Originals put the sentence into one of two fields and give no word for programs. */
function errorOf({ code, message, error }: Fields): SealwireError {
  const sentence = textOf(message ?? error) || "the proxy gives no reason";
  return new SealwireError(errorCodeOf(code), sentence);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function unreadable(what: string): SealwireError {
  const message = `the proxy sent ${what}; is the address that of /v0/ws/proxy?`;
  return new SealwireError("PROTOCOL_VIOLATION", message);
}
