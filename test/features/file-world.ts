import type { FileStore } from "../../src/core/contracts/file-store.ts";
import { webCrypto } from "../../src/crypto/providers/web.ts";
import { sha256 } from "../../src/crypto/sha256.ts";
import { native } from "../../src/dialects/native/index.ts";
import type { FileClientOptions } from "../../src/features/files/client-options.ts";
import { type FileClient, fileClient } from "../../src/features/files/file-client.ts";
import { type Files, files } from "../../src/features/files/files.ts";
import { memoryStore } from "../../src/features/files/memory-store.ts";
import type { FilesOptions } from "../../src/features/files/options.ts";
import {
  type PairOptions,
  type ServerAndClient,
  serverAndClient,
} from "../../src/testing/server-and-client.ts";

/** A server with files, and a client of it. */
export interface FileWorld extends AsyncDisposable {
  readonly pair: ServerAndClient;
  readonly store: FileStore;
  readonly handle: Files;
  readonly client: FileClient;
}

/** Makes one, with chunks of 10 bytes, in memory; its clients come back at once after a break. */
export async function fileWorld(
  options: Partial<FilesOptions> = {},
  own: FileClientOptions = {},
  pairOptions: Partial<PairOptions> = {},
): Promise<FileWorld> {
  const store = options.store ?? memoryStore();
  const installed: Files[] = [];
  const pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    client: { reconnect: { baseMs: 1, maxMs: 5 } },
    ...pairOptions,
    register: (server) =>
      installed.push(server.install(files({ chunkBytes: 10, ...options, store }))),
  });
  const [handle] = installed;
  if (!handle) throw new Error("nothing was installed");
  const client = pair.client.install(fileClient(own));
  return { pair, store, handle, client, [Symbol.asyncDispose]: () => pair.close() };
}

/** 95 bytes: nine chunks and a half. */
export const CONTENT: Uint8Array = Uint8Array.from({ length: 95 }, (_, at) => at);

/** Puts a file into a store. */
export async function put(store: FileStore, name: string, content: Uint8Array): Promise<void> {
  const draft = await store.create(name, content.length);
  await draft.write(0, content);
  await draft.commit(sha256(content));
}

/** The first of what there is. */
export function first<Item>(items: Iterable<Item>): Item {
  for (const item of items) return item;
  throw new Error("there is none");
}

/** Cuts all connections of a server; its clients come back. */
export async function cut(files: FileWorld): Promise<void> {
  const connections = [...files.pair.server.connections.values()];
  await Promise.all(connections.map((each) => each.close()));
}
