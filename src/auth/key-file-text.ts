import { isFields } from "../core/engine/fields.ts";
import { SealwireError } from "../core/model/errors.ts";
import { formatPublicKey } from "../crypto/format-keys.ts";
import { parsePublicKey } from "../crypto/keys.ts";
import type { ApiKeyRecord } from "./api-key-store.ts";

/** A key file as text: JSON, one entry for each key, public keys only. */
export function formatKeyFile(records: readonly ApiKeyRecord[]): string {
  const keys = records.map(({ publicKey, ...rest }) => ({
    ...rest,
    publicKey: formatPublicKey(publicKey),
  }));
  return `${JSON.stringify({ version: 1, keys }, undefined, 2)}\n`;
}

/** @throws `INVALID_ARGUMENT`, naming `path` and the entry, when the text is not a key file */
export function parseKeyFile(path: string, text: string): readonly ApiKeyRecord[] {
  const file = parseJson(path, text);
  if (!isFields(file)) throw malformed(path, 'must be an object with "version" and "keys"');
  if (file["version"] !== 1) {
    throw malformed(path, `is of version ${JSON.stringify(file["version"])}; this program reads 1`);
  }
  const { keys } = file;
  if (!Array.isArray(keys)) throw malformed(path, 'must have a list "keys"');
  return keys.map((entry: unknown, index) => parseEntry(entry, `${path}, entry ${index + 1},`));
}

function parseEntry(entry: unknown, where: string): ApiKeyRecord {
  if (!isFields(entry)) throw malformed(where, "must be an object");
  const { publicKey, user, scopes, keyId, expiresAt, createdAt } = entry;
  if (typeof publicKey !== "string") throw malformed(where, 'must have a text "publicKey"');
  if (typeof user !== "string" && !(typeof user === "number" && Number.isFinite(user))) {
    throw malformed(where, 'must have a "user", a text or a number');
  }
  const isText = (value: unknown) => typeof value === "string";
  if (scopes !== undefined && !(Array.isArray(scopes) && scopes.every(isText))) {
    throw malformed(where, 'has "scopes" that are not a list of texts');
  }
  return {
    publicKey: parseKey(publicKey, where),
    user,
    ...(scopes === undefined ? {} : { scopes: scopes.map(String) }),
    ...optional(where, "keyId", keyId, "string"),
    ...optional(where, "expiresAt", expiresAt, "number"),
    ...optional(where, "createdAt", createdAt, "number"),
  };
}

function parseKey(text: string, where: string): Uint8Array {
  try {
    return parsePublicKey(text);
  } catch (cause) {
    throw malformed(where, `has a bad "publicKey": ${SealwireError.from(cause).message}`);
  }
}

function optional(
  where: string,
  name: string,
  value: unknown,
  type: "string" | "number",
): Readonly<Record<string, unknown>> {
  if (value === undefined) return {};
  const fits = type === "string" ? typeof value === "string" : Number.isFinite(value);
  if (!fits) throw malformed(where, `has a "${name}" that is not a ${type}`);
  return { [name]: value };
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message shows a piece of the text, which may be the wrong file with secrets.
    throw malformed(path, "is not JSON");
  }
}

function malformed(where: string, what: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", `the key file ${where} ${what}`);
}
