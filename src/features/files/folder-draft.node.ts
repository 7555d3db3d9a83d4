import { constants } from "node:fs";
import { type FileHandle, link, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { equalBytes } from "../../bytes/equal.ts";
import { encodeHex } from "../../bytes/text.ts";
import type { FileDraft, StoredFile } from "../../core/contracts/file-store.ts";
import { systemCode } from "../../core/engine/system-errors.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { randomBytes } from "../../crypto/random.ts";
import { digestOf } from "./digest-of.node.ts";
import { beyondSize, checksumMismatch } from "./file-errors.ts";
import { namesFor, noNameLeft } from "./file-names.ts";
import { inFolder } from "./folder-failure.node.ts";
import { draftPath, removeDraft, writeNote } from "./folder-notes.node.ts";
import type { WantedRoom } from "./store-room.ts";

/** What a draft is made of. */
export interface FolderDraftParts {
  readonly folder: string;
  readonly wanted: WantedRoom;
  /** By which another try finds it; absent where nothing is left for one. */
  readonly key: string | undefined;
  /** What an earlier try has left. */
  readonly keptBytes: number;
  readonly now: () => number;
  /** Is told of the name that the file has got; when it throws, the file goes again. */
  readonly naming: (name: string) => Promise<void>;
  /** Is told once how it ended, with the bytes that were left for another try. */
  readonly ended: (how: "settled" | "released" | { readonly leftBytes: number }) => void;
}

/** Opens the hidden file in which the content is gathered. */
export async function openFolderDraft(parts: FolderDraftParts): Promise<FileDraft> {
  const { folder, key = encodeHex(randomBytes(16)), wanted } = parts;
  const path = draftPath(folder, key);
  const left = parts.keptBytes > 0 ? await openLeft(path) : undefined;
  if (left) return new FolderDraft(parts, key, left);
  await removeDraft(folder, key);
  // Exclusive, so that neither a file nor a link that lies there is written to.
  const file = await open(path, "wx+", 0o600);
  if (parts.key !== undefined) await writeNote(folder, key, { wanted, bytes: 0 });
  return new FolderDraft({ ...parts, keptBytes: 0 }, key, file);
}

/**
 * `undefined` where all begins anew: somebody has removed it, or the program ended just when it had
 * got its name, so that whoever wrote on would write into a file that was checked.
 */
async function openLeft(path: string): Promise<FileHandle | undefined> {
  const flags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);
  const file = await open(path, flags).catch(() => undefined);
  if (!file || (await file.stat()).nlink === 1) return file;
  await file.close();
  return undefined;
}

class FolderDraft implements FileDraft {
  readonly #parts: FolderDraftParts;
  readonly #key: string;
  readonly #file: FileHandle;
  readonly keptBytes?: number;
  readonly reached?: (bytes: number) => Promise<void>;
  readonly leave?: () => Promise<void>;
  #reachedBytes: number;
  /** Whoever ends it as well waits for the same end. */
  #ending: Promise<void> | undefined;

  constructor(parts: FolderDraftParts, key: string, file: FileHandle) {
    this.#parts = parts;
    this.#key = key;
    this.#file = file;
    this.#reachedBytes = parts.keptBytes;
    if (parts.key === undefined) return;
    this.keptBytes = parts.keptBytes;
    this.reached = (bytes) => this.#reached(bytes);
    this.leave = () => this.#leave();
  }

  async write(offset: number, chunk: Uint8Array): Promise<void> {
    const { name, size } = this.#parts.wanted;
    if (offset + chunk.length > size) throw beyondSize(name, size);
    await inFolder(async () => {
      for (let at = 0; at < chunk.length; ) {
        const left = chunk.length - at;
        at += (await this.#file.write(chunk, at, left, offset + at)).bytesWritten;
      }
    });
  }

  async commit(expected: Uint8Array): Promise<StoredFile> {
    let settled = false;
    try {
      const got = await digestOf(this.#file);
      if (!equalBytes(got, expected)) throw checksumMismatch(expected, got);
      await inFolder(() => this.#file.sync());
      const name = await inFolder(() => this.#takeName());
      settled = true;
      return { name, size: this.#parts.wanted.size };
    } finally {
      await this.#end(settled ? "settled" : "released");
    }
  }

  async discard(): Promise<void> {
    await this.#end("released");
  }

  async #reached(bytes: number): Promise<void> {
    const { folder, wanted } = this.#parts;
    if (this.#ending || bytes <= this.#reachedBytes) return;
    this.#reachedBytes = bytes;
    await inFolder(() => writeNote(folder, this.#key, { wanted, bytes }));
  }

  #leave(): Promise<void> {
    this.#ending ??= this.#file
      .close()
      .finally(() => this.#parts.ended({ leftBytes: this.#reachedBytes }));
    return this.#ending;
  }

  #end(how: "settled" | "released"): Promise<void> {
    this.#ending ??= this.#remove().finally(() => this.#parts.ended(how));
    return this.#ending;
  }

  async #remove(): Promise<void> {
    await this.#file.close();
    await removeDraft(this.#parts.folder, this.#key);
  }

  async #takeName(): Promise<string> {
    const { folder, wanted, now, naming } = this.#parts;
    for (const free of namesFor(wanted.name, now())) {
      const target = join(folder, free);
      if (!(await this.#move(target))) continue;
      await naming(free).catch(async (thrown: unknown) => {
        await rm(target, { force: true });
        throw thrown;
      });
      return free;
    }
    throw noNameLeft(wanted.name);
  }

  /** Appears under its name in one step, and takes the place of nothing. */
  async #move(target: string): Promise<boolean> {
    const path = draftPath(this.#parts.folder, this.#key);
    try {
      await link(path, target);
      return true;
    } catch (thrown) {
      if (systemCode(thrown) === "EEXIST") return false;
      if (systemCode(thrown) === "ENOENT") throw takenAway(this.#parts.wanted.name);
    }
    // Some file systems have no links: there an empty file keeps the name until the whole comes.
    try {
      await (await open(target, "wx", 0o600)).close();
    } catch (thrown) {
      if (systemCode(thrown) === "EEXIST") return false;
      throw thrown;
    }
    await rename(path, target);
    return true;
  }
}

function takenAway(name: string): SealwireError {
  const message = `what was gathered of ${name} has gone: does another program do the same here?`;
  return new SealwireError("CONFLICT", message);
}
