import { decodeBase64, decodeHex } from "../../bytes/text.ts";
import { misused } from "../failures.ts";
import { readSecretFile } from "../secret-file.ts";
import type { Shell } from "../shell.ts";

const SECRET_BYTES = 32;

/**
 * What a rendezvous and a relay share, from a file or the environment; `undefined` when none is
 * needed and none is there.
 *
 * @throws `INVALID_ARGUMENT`, which never shows it
 */
export async function relaySecretFrom(
  shell: Shell,
  file: string | undefined,
  needed: boolean,
): Promise<Uint8Array | undefined> {
  const named =
    file === undefined ? undefined : await readSecretFile(shell, "--relay-secret-file", file);
  const text = (named ?? shell.env["SEALWIRE_RELAY_SECRET"] ?? "").trim();
  if (text === "" && !needed) return undefined;
  const bytes = decodeHex(text) ?? decodeBase64(text);
  if (bytes?.length === SECRET_BYTES) return bytes;
  throw misused(
    "rendezvous and relay must share a secret of 32 bytes, in base64 or 64 digits: give " +
      "--relay-secret-file (openssl rand -base64 32) or set SEALWIRE_RELAY_SECRET",
  );
}
