#!/usr/bin/env -S node --
// Without the -- Node takes --env-file for its own, wherever it stands in the line.
// The program itself is src/cli; this file only gives the package an executable name.
import { existsSync } from "node:fs";

const program = new URL("../dist/cli/main.js", import.meta.url);

if (existsSync(program)) {
  const { main } = await import(program.href);
  // A served module may hold timers and connections that would keep the process alive for ever.
  process.exit(await main(process.argv.slice(2)));
} else {
  process.stderr.write("sealwire has not been built here yet; type: npm run build\n");
  process.exitCode = 2;
}
