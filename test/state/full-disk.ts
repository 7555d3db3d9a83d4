/**
 * Writes more than its files may grow, then less: `node scripts/run.js test/state/full-disk.ts
 * lmdb|log FOLDER` below a `ulimit -f`. Prints what came of it as one line of JSON.
 */
import { lmdb, logStore } from "../../src/adapters/embedded/index.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import { loneState } from "./lone-state.ts";

const [kind, folder = ""] = process.argv.slice(2);
const store = await (kind === "log" ? logStore({ folder }) : lmdb({ folder }));
const state = await loneState(store);
await state.set("small", "kept");
const refused: SealwireError[] = [];
let kept = 0;
for (let i = 0; i < 40 && refused.length < 3; i++) {
  try {
    await state.set(`large${i}`, "x".repeat(100_000));
    kept += 1;
  } catch (thrown) {
    refused.push(SealwireError.from(thrown));
  }
}
const visible = [...state.all().keys()].filter((name) => name.startsWith("large")).length;
const said = { codes: refused.map(({ code }) => code), message: refused[0]?.message };
// What is there is replaced by less: there is room for that.
await state.delete("large0");
const after = await state.add("after").catch((thrown: unknown) => String(thrown));
console.log(JSON.stringify({ after, ...said, kept, visible, small: state.get("small") }));
await state.close();
