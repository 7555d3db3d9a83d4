import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { systemCode, systemReason } from "../core/engine/system-errors.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Account } from "./account.ts";
import { type ApiKeyRecord, ApiKeyStore } from "./api-key-store.ts";
import { issueApiKey, type KeyDerivation } from "./api-keys.ts";
import { watchFile } from "./file-watch.node.ts";
import { formatKeyFile, parseKeyFile } from "./key-file-text.ts";

/** How a key file is followed. */
export interface LoadKeysOptions {
  /** Ends the watching; the keys that were loaded stay. */
  readonly signal?: AbortSignal;
  /** How often the file is looked at; `0` for never again. @default 1000 */
  readonly pollMs?: number;
  /** Told when the changed file cannot be used; the keys from before go on. @default nobody */
  readonly onError?: (error: SealwireError) => void;
}

/** A key file larger than this is refused. */
const MAX_KEY_FILE_BYTES: number = 32 * 1024 * 1024;

/**
 * The keys of a file, for `apiKeys`. The file is watched: a key revoked there closes its
 * connections within a second. Watching does not keep the process alive.
 *
 * @throws `NOT_FOUND` when there is no such file; `INVALID_ARGUMENT`, naming file and entry, when
 *   it is malformed
 */
export async function loadKeys(path: string, options: LoadKeysOptions = {}): Promise<ApiKeyStore> {
  const { pollMs = 1000, signal, onError = () => {} } = options;
  const store = new ApiKeyStore();
  const reload = async () => store.replace(await listKeys(path));
  // Watched before it is read: a revocation between the two would be missed.
  const stop = watchFile(path, pollMs, signal, () => {
    reload().catch((error: unknown) => onError(SealwireError.from(error)));
  });
  try {
    await reload();
    return store;
  } catch (error) {
    stop();
    throw error;
  }
}

/** The records of a key file. @throws what `loadKeys` does */
export async function listKeys(path: string): Promise<readonly ApiKeyRecord[]> {
  return parseKeyFile(path, await readKeyFile(path));
}

/**
 * Issues a key and adds its record to a file, which is made if there is none. The key itself is
 * in the answer and nowhere else.
 *
 * @throws `CONFLICT` when another program is changing the file; else what `loadKeys` does
 */
export async function addKey(
  path: string,
  account: Account,
  derivation: KeyDerivation = {},
): Promise<{ readonly key: string; readonly record: ApiKeyRecord }> {
  const issued = await issueApiKey(account, derivation);
  const record = { ...issued.record, createdAt: Date.now() };
  await addKeyRecord(path, record);
  return { key: issued.key, record };
}

/**
 * Adds the record of a key that somebody has already, as `apiKeyRecord` makes it.
 *
 * @throws `ALREADY_EXISTS` when the file has it; else what `addKey` does
 */
export function addKeyRecord(path: string, record: ApiKeyRecord): Promise<void> {
  return change(path, async () => {
    const store = new ApiKeyStore(await listKeysOrNone(path));
    store.add(record);
    return store.list();
  });
}

/**
 * Takes a key out of a file; servers that watch it close its connections.
 *
 * @throws `NOT_FOUND` when the file has no key of that id; else what `addKey` does
 */
export function revokeKey(path: string, keyId: string): Promise<void> {
  return change(path, async () => {
    const store = new ApiKeyStore(await listKeys(path));
    if (!store.revoke(keyId)) {
      throw new SealwireError(
        "NOT_FOUND",
        `${path} has no key ${JSON.stringify(keyId)}; look at its list of keys`,
      );
    }
    return store.list();
  });
}

async function readKeyFile(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= MAX_KEY_FILE_BYTES) return await readFile(path, "utf8");
  } catch (cause) {
    const missing = systemCode(cause) === "ENOENT";
    const message = missing ? `there is no key file ${path}` : unusable("read", path, cause);
    throw new SealwireError(missing ? "NOT_FOUND" : "UNAVAILABLE", message, { cause });
  }
  throw new SealwireError(
    "TOO_LARGE",
    `the key file ${path} has more than ${MAX_KEY_FILE_BYTES} bytes; revoke old keys`,
  );
}

function unusable(verb: "read" | "write", path: string, cause: unknown): string {
  const why = systemReason(cause);
  return `cannot ${verb} the key file ${path} (${why}); is it a file, and may this user ${verb} it?`;
}

async function listKeysOrNone(path: string): Promise<readonly ApiKeyRecord[]> {
  try {
    return await listKeys(path);
  } catch (error) {
    if (error instanceof SealwireError && error.code === "NOT_FOUND") return [];
    throw error;
  }
}

/**
 * Writes beside the file and renames, so that a reader sees the old list or the new one. What is
 * written beside is the lock as well: two programs cannot undo each other's revocation.
 */
async function change(path: string, make: () => Promise<readonly ApiKeyRecord[]>): Promise<void> {
  const beside = `${path}.new`;
  const file = await openAlone(path, beside);
  try {
    await file.writeFile(formatKeyFile(await make()));
    await file.sync();
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function openAlone(path: string, beside: string) {
  try {
    return await open(beside, "wx", 0o600);
  } catch (cause) {
    if (systemCode(cause) !== "EEXIST") {
      throw new SealwireError("UNAVAILABLE", unusable("write", path, cause), { cause });
    }
    throw new SealwireError(
      "CONFLICT",
      `another program is changing ${path}; try again, or delete ${beside} if none is`,
      { cause },
    );
  }
}
