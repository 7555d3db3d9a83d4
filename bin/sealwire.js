#!/usr/bin/env node
// The program itself is src/cli; this file only gives the package an executable name.
import { existsSync } from "node:fs";

const program = new URL("../dist/cli/main.js", import.meta.url);

if (existsSync(program)) {
  const { main } = await import(program.href);
  // Not process.exit: what was written to a pipe must have left before.
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write("sealwire has not been built here yet; type: npm run build\n");
  process.exitCode = 2;
}
