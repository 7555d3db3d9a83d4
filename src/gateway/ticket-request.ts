import type { IncomingMessage } from "node:http";
import { decodeUtf8 } from "../bytes/text.ts";
import { isFields } from "../core/engine/fields.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { GatewayParts } from "./gateway-parts.ts";
import { parseJson } from "./parse-json.ts";
import { checkKey } from "./query.ts";

/** A body larger than this holds no key. */
const MAX_BODY_BYTES = 8_192;

/**
 * `POST /v0/ws/ticket`: keys out of addresses. Who has an API key, or everybody where none is asked
 * for, gets a ticket that stands for it and for the `encryption_key` of the body.
 *
 * @throws `UNAUTHENTICATED` without an API key, `INVALID_ARGUMENT` for a body that cannot be used.
 */
export async function issueTicket(
  { request, remote }: { readonly request: IncomingMessage; readonly remote: string },
  { admission }: Pick<GatewayParts, "admission">,
): Promise<object> {
  const principal = await admission.byHeaders(request.headers, remote);
  if (!principal) {
    const message = "give your API key in the header Authorization: Bearer KEY";
    throw new SealwireError("UNAUTHENTICATED", message);
  }
  const { encryption_key: encryptionKey, authenticate } = await fieldsOf(request);
  if (encryptionKey !== undefined) checkKey(encryptionKey);
  if (authenticate !== undefined && typeof authenticate !== "boolean") {
    throw new SealwireError("INVALID_ARGUMENT", "authenticate is neither true nor false");
  }
  const ticket = admission.tickets.issue({
    principal,
    ...(encryptionKey !== undefined && { encryptionKey }),
    ...(authenticate !== undefined && { authenticate }),
  });
  return { ticket, expires_in: admission.tickets.lifetimeMs / 1_000 };
}

async function fieldsOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const text = await textOf(request);
  const value = text === "" ? {} : parseJson(text)?.value;
  if (isFields(value)) return value;
  throw new SealwireError(
    "INVALID_ARGUMENT",
    "the body is no JSON object; expected encryption_key",
  );
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) {
      const message = `the body has more than ${MAX_BODY_BYTES} bytes; it holds a key alone`;
      throw new SealwireError("TOO_LARGE", message);
    }
    chunks.push(chunk);
  }
  return decodeUtf8(Buffer.concat(chunks)) ?? "?";
}
