import type { CryptoProvider } from "../provider.ts";
import { nodeCryptoProvider } from "./node.node.ts";
import { loadSodium } from "./sodium.node.ts";

/** The fastest provider this machine has: sodium where it loads, `node:crypto` otherwise. */
export async function nodeCrypto(): Promise<CryptoProvider> {
  return (await loadSodium()) ?? nodeCryptoProvider();
}
