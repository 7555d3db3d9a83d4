import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isFields } from "../core/engine/fields.ts";

/** The folder of this package, whether it was cloned or installed. */
export function packageFolder(): string {
  return join(dirname(fileURLToPath(import.meta.url)), "..", "..");
}

/** What its `package.json` says. */
export function packageManifest(): Readonly<Record<string, unknown>> {
  const read: unknown = JSON.parse(readFileSync(join(packageFolder(), "package.json"), "utf8"));
  return isFields(read) ? read : {};
}
