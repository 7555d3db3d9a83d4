import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../../core/contracts/store.ts";
import { storeSuite } from "../../testing/store-suite.ts";
import { lmdb } from "./lmdb.ts";
import { logStore } from "./log-store.ts";

/** A store in a folder of its own, which can be opened again. */
async function inFolder(open: (folder: string) => Promise<Store>) {
  const folder = await mkdtemp(join(tmpdir(), "sealwire-store-"));
  const reopen = () => open(folder);
  const clean = () => rm(folder, { recursive: true, force: true });
  return { store: await reopen(), reopen, clean };
}

storeSuite("lmdb", () => inFolder((folder) => lmdb({ folder })));
storeSuite("log", () => inFolder((folder) => logStore({ folder })));
