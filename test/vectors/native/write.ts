import { writeFileSync } from "node:fs";
import { RECORDINGS } from "./exchange.ts";
import { makeVector } from "./vector.ts";

for (const recording of RECORDINGS) {
  const text = `${JSON.stringify(await makeVector(recording), null, 2)}\n`;
  writeFileSync(new URL(`${recording.name}.json`, import.meta.url), text);
  console.log(`wrote ${recording.name}.json`);
}
