/**
 * Runs a TypeScript file of this repository, such as an example, without building it first.
 * `import "sealwire"` in it means this repository's own build, as it would in a project that has
 * the package installed: Node finds a package by its own name from inside of it.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createJiti } from "jiti";

const [file, ...rest] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node scripts/run.js FILE.ts [ARGUMENT …]");
  process.exit(2);
}
const path = resolve(file);
if (!existsSync(path)) {
  console.error(`there is no ${path}`);
  process.exit(2);
}
if (!existsSync(fileURLToPath(new URL("../dist", import.meta.url)))) {
  console.error("there is no dist: type npm run build");
  process.exit(2);
}

// The program sees the arguments as if Node had started it directly.
process.argv = [process.argv[0] ?? "node", path, ...rest];
await createJiti(import.meta.url, { moduleCache: false, fsCache: false }).import(path);
