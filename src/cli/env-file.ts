import { readFileSync, statSync } from "node:fs";
import { parseEnv } from "node:util";
import { misused } from "./failures.ts";
import { fileReason } from "./file-reason.ts";

/** Values of a `.env` file. */
export type EnvValues = Readonly<Record<string, string | undefined>>;

/** A larger file was not meant. */
const MAX_ENV_FILE_BYTES = 1_048_576;

/**
 * The values of a file that was named, or of `.env` in the working folder, where there need be
 * none.
 *
 * @throws `INVALID_ARGUMENT` when the named file cannot be read
 */
export function readEnvFile(named: string | undefined): EnvValues {
  const path = named ?? ".env";
  try {
    if (statSync(path).size > MAX_ENV_FILE_BYTES) throw new Error("it has more than 1 MiB");
    return parseEnv(readFileSync(path, "utf8"));
  } catch (error) {
    if (named === undefined) return {};
    throw misused(`cannot read the file of --env-file, ${path}: ${fileReason(error)}`);
  }
}
