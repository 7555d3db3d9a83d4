/** `node profile.mjs FILE.cpuprofile [COUNT]`: where the time went, by function's own time. */
import { readFileSync } from "node:fs";

const [, , file, count = "25"] = process.argv;
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8"));
const byId = new Map(nodes.map((node) => [node.id, node]));
const own = new Map();
let total = 0;
samples.forEach((id, i) => {
  const { functionName, url, lineNumber } = byId.get(id).callFrame;
  const place = url.replace(/^.*\/(?=(dist|node_modules|bench)\/)/, "");
  const name = `${functionName || "(anonymous)"} ${place}${place ? `:${lineNumber + 1}` : ""}`;
  if (name.startsWith("(idle)")) return;
  own.set(name, (own.get(name) ?? 0) + timeDeltas[i]);
  total += timeDeltas[i];
});
const top = [...own].sort((a, b) => b[1] - a[1]).slice(0, Number(count));
for (const [name, us] of top) {
  process.stdout.write(`${((100 * us) / total).toFixed(1).padStart(5)} %  ${name}\n`);
}
