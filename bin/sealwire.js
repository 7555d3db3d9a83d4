#!/usr/bin/env node
// The program itself is src/cli; this file only gives the package an executable name.
import { main } from "../dist/cli/main.js";

process.exitCode = await main(process.argv.slice(2));
