import type { Fields } from "../core/engine/fields.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { ClientFrame, MessageId } from "./client-frame.ts";
import { bytesOf } from "./payload.ts";

/** What a frame with `format` and `data` says. */
export function dataFrame(fields: Fields): ClientFrame {
  const id = idOf(fields["id"]);
  if (fields["id"] !== undefined && id === undefined) {
    return invalid("id is neither a number nor a text of 1 to 128 characters");
  }
  try {
    const bytes = bytesOf(fields["format"], fields["data"]);
    return { kind: "data", bytes, ...(id !== undefined && { id }) };
  } catch (thrown) {
    return { kind: "invalid", error: SealwireError.from(thrown), ...(id !== undefined && { id }) };
  }
}

/** The first frame of those who do not want their keys in an address. */
export function authFrame(fields: Fields): ClientFrame {
  const { api_key: apiKey, encryption_key: encryptionKey, authenticate } = fields;
  const textual = [apiKey, encryptionKey].every(
    (key) => key === undefined || (typeof key === "string" && key !== "" && key.length <= 1_024),
  );
  if (!textual || !(authenticate === undefined || typeof authenticate === "boolean")) {
    return invalid(
      "auth has api_key and encryption_key as texts and authenticate as true or false",
    );
  }
  return {
    kind: "auth",
    ...(typeof apiKey === "string" && { apiKey }),
    ...(typeof encryptionKey === "string" && { encryptionKey }),
    ...(typeof authenticate === "boolean" && { authenticate }),
  };
}

/** A heartbeat; only one that names itself wants an answer. */
export function heartbeatFrame(fields: Fields): ClientFrame {
  const id = idOf(fields["id"]);
  return id !== undefined && fields["type"] === "ping" ? { kind: "ping", id } : { kind: "nothing" };
}

/** What cannot be taken, and why. */
export function invalid(message: string): ClientFrame {
  return { kind: "invalid", error: new SealwireError("INVALID_ARGUMENT", message) };
}

/** A type as it can be repeated to the one who sent it. */
export function shownType(type: unknown): string {
  return typeof type === "string" ? type.slice(0, 64) : String(JSON.stringify(type)).slice(0, 64);
}

function idOf(value: unknown): MessageId | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return typeof value === "string" && value !== "" && value.length <= 128 ? value : undefined;
}
