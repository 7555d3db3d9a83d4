/**
 * Writes as fast as it can into the store of a folder until it is killed, and prints each number
 * when it is acknowledged: `node scripts/run.js test/state/writer.ts lmdb|log FOLDER`.
 */
import { lmdb, logStore } from "../../src/adapters/embedded/index.ts";
import { loneState } from "./lone-state.ts";

/** So many wait at once, and share each flush: a busy disk does ten a second. */
const WRITERS = 128;

const [kind, folder = ""] = process.argv.slice(2);
const store = await (kind === "log" ? logStore({ folder }) : lmdb({ folder }));
const state = await loneState(store);
await Promise.all(Array.from({ length: WRITERS }, (_, i) => write(`w${i}`)));

/** Two variables that always say the same, and a line for each time they were kept. */
async function write(name: string): Promise<void> {
  for (let n = Number(state.get(name) ?? 0) + 1; ; n++) {
    await state.transaction((tx) => {
      tx.set(name, n);
      tx.set(`${name}-twin`, { n, padding: "x".repeat(n % 300) });
    });
    process.stdout.write(`${name} ${n}\n`);
  }
}
