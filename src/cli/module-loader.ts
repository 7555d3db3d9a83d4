import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isFields } from "../core/engine/fields.ts";
import type { Functions } from "../core/engine/procedures.ts";
import { misused } from "./failures.ts";
import { packageFolder, packageManifest } from "./installation.ts";

/** What a module is served by: a server, or a worker of a broker. */
export interface Serving {
  expose(functions: Functions): unknown;
}

/**
 * Lets a module register what it has: its default export gets the server, or is an object of
 * functions, which go to `expose`.
 *
 * @throws `INVALID_ARGUMENT` that says why the module cannot be used
 */
export async function fill(
  server: Serving,
  path: string,
  expose: Serving["expose"] = (functions) => server.expose(functions),
): Promise<void> {
  const found = await defaultOf(path);
  const functions = typeof found === "function" ? undefined : functionsOf(found, path);
  try {
    if (functions) expose(functions);
    else if (typeof found === "function") await found(server);
  } catch (error) {
    throw misused(`${path} has failed: ${problemOf(error)}`);
  }
}

function functionsOf(found: unknown, path: string): Functions {
  const isFunctions = (value: unknown): value is Functions =>
    isFields(value) && Object.values(value).every((each) => typeof each === "function");
  if (isFunctions(found)) return found;
  throw misused(
    `the default export of ${path} is neither a function nor an object of functions; ${WANTED}`,
  );
}

const WANTED = "write: export default (server) => { server.expose({ … }) }";

/**
 * The default export of a module, in JavaScript or TypeScript. `import "sealwire"` in it means
 * this very program: with a second copy, errors of one would be strangers to the other.
 */
async function defaultOf(path: string): Promise<unknown> {
  const file = resolve(path);
  if (!existsSync(file)) throw misused(`there is no module ${path}`);
  if (!statSync(file).isFile()) throw misused(`${path} is no file; name the module in it`);
  const loaded = await load(path, file);
  const found = isFields(loaded) ? loaded["default"] : undefined;
  if (found !== undefined) return found;
  throw misused(`${path} has no default export; ${WANTED}`);
}

async function load(path: string, file: string): Promise<unknown> {
  const { createJiti } = await import("jiti");
  const jiti = createJiti(pathToFileURL(file).href, {
    // A cache in the shared folder for temporary files could be filled by somebody else.
    fsCache: false,
    interopDefault: false,
    virtualModules: await ownModules(),
  });
  try {
    return await jiti.import(file);
  } catch (error) {
    throw misused(`${path} cannot be loaded: ${problemOf(error)}`);
  }
}

/** Our own entries by the names under which they are imported. */
async function ownModules(): Promise<Readonly<Record<string, unknown>>> {
  const entries = ownEntries().map(async ([name, file]) => [name, await importOrNothing(file)]);
  const loaded = await Promise.all(entries);
  return Object.fromEntries(loaded.filter(([, found]) => found !== undefined));
}

function ownEntries(): readonly (readonly [name: string, file: string])[] {
  const { exports } = packageManifest();
  return Object.entries(isFields(exports) ? exports : {}).flatMap(([entry, target]) => {
    const file = isFields(target) ? target["default"] : target;
    if (typeof file !== "string" || !file.endsWith(".js")) return [];
    // Wraps a test runner, which need not be installed here and does not belong into a server.
    return entry === "./testing" ? [] : expand(entry, join(packageFolder(), file));
  });
}

/** `./dialects/*` stands for every folder there. */
function expand(entry: string, file: string): readonly (readonly [string, string])[] {
  const name = entry.replace(/^\./, "sealwire");
  if (!entry.endsWith("/*")) return [[name, file]];
  const [folder = ""] = file.split("*");
  return readdirSync(folder, { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map((each) => [name.replace("*", each.name), file.replace("*", each.name)]);
}

/** What needs a package that is not installed stays away, until somebody imports it. */
async function importOrNothing(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(file).href);
  } catch {
    return undefined;
  }
}

/** What went wrong and, of the stack, where. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const at = error.stack?.split("\n").find((line) => /^\s+at /.test(line));
  const message = error.message.replaceAll(/\s*\n\s*/g, " ");
  return `${error.name}: ${message}${at === undefined ? "" : ` (${at.trim()})`}`;
}
