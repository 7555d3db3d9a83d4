import type { FileStore } from "../../src/core/contracts/file-store.ts";
import { sha256 } from "../../src/crypto/sha256.ts";

/** A text as UTF-8. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Puts a text into a store and gives the name it got. */
export async function putText(store: FileStore, name: string, text: string): Promise<string> {
  const content = bytes(text);
  const draft = await store.create(name, content.length);
  await draft.write(0, content);
  return (await draft.commit(sha256(content))).name;
}

/** What a store lists. */
export async function namesIn(store: FileStore): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of store.list()) names.push(name);
  return names;
}
