import { existsSync } from "node:fs";
import { join } from "node:path";
import { sealwireHome } from "../client/home.node.ts";
import { SealwireError } from "../core/model/errors.ts";
import { formatSecretKey } from "../crypto/format-keys.ts";
import { generateKeyPair, type KeyPair, keyPairFrom, parseSecretKey } from "../crypto/keys.ts";
import { nodeCrypto } from "../crypto/providers/best.node.ts";
import { misused } from "./failures.ts";
import { readSecretFile, writeSecretFile } from "./secret-file.ts";
import type { Shell } from "./shell.ts";

/**
 * The keys by which clients know a server, from a file that is made if there is none, so that they
 * stay the same when the server starts again.
 *
 * @throws `INVALID_ARGUMENT` when the file holds something else
 */
export async function serverIdentity(shell: Shell, named: string | undefined): Promise<KeyPair> {
  const path = named ?? join(sealwireHome(shell.env), "identity.key");
  const provider = await nodeCrypto();
  if (!existsSync(path)) await makeIdentity(shell, path);
  const text = await readSecretFile(shell, "--identity", path);
  try {
    return await keyPairFrom(parseSecretKey(text), provider);
  } catch (error) {
    throw misused(`--identity ${path}: ${SealwireError.from(error).message}`);
  }
}

async function makeIdentity(shell: Shell, path: string): Promise<void> {
  const { secretKey } = await generateKeyPair(await nodeCrypto());
  try {
    await writeSecretFile(path, formatSecretKey(secretKey));
    shell.note(`made the server's keys: ${path}`);
  } catch (error) {
    // Another server, started at the same moment, was faster.
    if (SealwireError.from(error).code !== "ALREADY_EXISTS") throw error;
  }
}
