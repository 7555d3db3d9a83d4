import { type FileHandle, link, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { equalBytes } from "../../bytes/equal.ts";
import { encodeHex } from "../../bytes/text.ts";
import type { FileDraft, StoredFile } from "../../core/contracts/file-store.ts";
import { systemCode } from "../../core/engine/system-errors.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { randomBytes } from "../../crypto/random.ts";
import { digestOf } from "./digest-of.node.ts";
import { checksumMismatch } from "./file-errors.ts";
import { namesFor, noNameLeft } from "./file-names.ts";

/** What a draft is made of. */
export interface FolderDraftOptions {
  readonly folder: string;
  /** Checked. */
  readonly name: string;
  readonly size: number;
  readonly now: () => number;
}

/** Opens the hidden file in which the content is gathered. */
export async function createFolderDraft(options: FolderDraftOptions): Promise<FileDraft> {
  const path = join(options.folder, `.${encodeHex(randomBytes(16))}.part`);
  // Exclusive, so that neither a file nor a link that lies there is written to.
  const file = await open(path, "wx+", 0o600);
  return new FolderDraft(options, path, file);
}

/** Removes drafts that nobody has written to for a day: their program has crashed. */
export async function removeAbandoned(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!DRAFT.test(name)) continue;
    const path = join(folder, name);
    // Another program may end its own draft in this moment.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: nowMs }));
    if (nowMs - mtimeMs > ABANDONED_MS) await rm(path, { force: true });
  }
}

const DRAFT = /^\.[0-9a-f]{32}\.part$/;
const ABANDONED_MS = 86_400_000;

class FolderDraft implements FileDraft {
  readonly #options: FolderDraftOptions;
  readonly #path: string;
  readonly #file: FileHandle;
  #ended = false;

  constructor(options: FolderDraftOptions, path: string, file: FileHandle) {
    this.#options = options;
    this.#path = path;
    this.#file = file;
  }

  async write(offset: number, chunk: Uint8Array): Promise<void> {
    const { name, size } = this.#options;
    if (offset + chunk.length > size) {
      const message = `${name} was announced with ${size} bytes, more came`;
      throw new SealwireError("TOO_LARGE", message);
    }
    for (let at = 0; at < chunk.length; ) {
      const left = chunk.length - at;
      at += (await this.#file.write(chunk, at, left, offset + at)).bytesWritten;
    }
  }

  async commit(expected: Uint8Array): Promise<StoredFile> {
    try {
      const got = await digestOf(this.#file);
      if (!equalBytes(got, expected)) throw checksumMismatch(expected, got);
      await this.#file.sync();
      const name = await this.#takeName();
      return { name, size: this.#options.size };
    } finally {
      await this.discard();
    }
  }

  async discard(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#file.close();
    await rm(this.#path, { force: true });
  }

  async #takeName(): Promise<string> {
    const { folder, name, now } = this.#options;
    for (const free of namesFor(name, now())) {
      if (await this.#move(join(folder, free))) return free;
    }
    throw noNameLeft(name);
  }

  /** Appears under its name in one step, and takes the place of nothing. */
  async #move(target: string): Promise<boolean> {
    try {
      await link(this.#path, target);
      return true;
    } catch (thrown) {
      if (systemCode(thrown) === "EEXIST") return false;
    }
    // Some file systems have no links: there an empty file keeps the name until the whole comes.
    try {
      await (await open(target, "wx", 0o600)).close();
    } catch (thrown) {
      if (systemCode(thrown) === "EEXIST") return false;
      throw thrown;
    }
    await rename(this.#path, target);
    return true;
  }
}
