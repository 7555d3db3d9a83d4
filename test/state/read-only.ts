/**
 * A store on a file system that becomes read-only and writable again: `node scripts/run.js
 * test/state/read-only.ts lmdb|log FOLDER`, in a mount namespace of its own. Prints what came of
 * it as one line of JSON.
 */
import { execFileSync } from "node:child_process";
import { type LogStoreOptions, lmdb, logStore } from "../../src/adapters/embedded/index.ts";
import type { Store } from "../../src/core/contracts/store.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import { loneState } from "./lone-state.ts";

const [kind, folder = ""] = process.argv.slice(2);
const open: (options: LogStoreOptions) => Promise<Store> = kind === "log" ? logStore : lmdb;
const remount = (how: "ro" | "rw") =>
  execFileSync("mount", ["-o", `remount,bind,${how}`, folder], { stdio: "inherit" });

execFileSync("mount", ["--bind", folder, folder], { stdio: "inherit" });
const first = await loneState(await open({ folder }));
await first.set("a", 1);
await first.close();

remount("ro");
const store = await open({ folder });
const state = await loneState(store);
const refusal = async () => {
  const thrown = await state.set("a", 2).catch(SealwireError.from);
  return thrown instanceof SealwireError ? { code: thrown.code, message: thrown.message } : thrown;
};
const readOnly = { reads: state.get("a"), keptIn: state.keptIn, refused: await refusal() };
remount("rw");
const writable = { version: await state.set("a", 3), keptIn: state.keptIn };
await state.close();

const again = await loneState(await open({ folder }));
console.log(JSON.stringify({ readOnly, writable, after: again.get("a") }));
await again.close();
