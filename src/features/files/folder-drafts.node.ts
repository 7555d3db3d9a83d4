import { mkdir } from "node:fs/promises";
import type { DraftOptions, FileDraft, StoredFile } from "../../core/contracts/file-store.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { draftKey } from "./draft-key.ts";
import { type FolderDraftParts, openFolderDraft } from "./folder-draft.node.ts";
import { findDrafts, removeDraft } from "./folder-notes.node.ts";
import { FolderOwners } from "./folder-owners.node.ts";
import type { StoreBounds } from "./store-bounds.ts";
import { NOBODY, StoreRoom, type WantedRoom } from "./store-room.ts";

/** What the drafts of a folder are made of. */
export interface FolderDraftsParts {
  readonly folder: string;
  readonly bounds: StoreBounds;
  readonly now: () => number;
  /** The whole files of the folder. */
  readonly files: () => AsyncIterable<StoredFile>;
}

/** The files of a folder that are not whole, and the room that all have. */
export class FolderDrafts {
  readonly #parts: FolderDraftsParts;
  readonly #room: StoreRoom<{ readonly key: string; readonly bytes: number }>;
  readonly #owners: FolderOwners;
  /** Keys of drafts that somebody writes. */
  readonly #writing = new Set<string>();
  #loaded: Promise<void> | undefined;

  constructor(parts: FolderDraftsParts) {
    const { folder, bounds, now } = parts;
    this.#parts = parts;
    this.#room = new StoreRoom(bounds, now, ({ key }) => removeDraft(folder, key));
    this.#owners = new FolderOwners(folder);
  }

  async open(name: string, size: number, options: DraftOptions): Promise<FileDraft> {
    await this.#ready();
    const wanted = draftKey(name, size, options);
    const key = wanted !== undefined && this.#writing.has(wanted) ? undefined : wanted;
    if (key !== undefined) this.#writing.add(key);
    const room = { name, size, owner: options.owner ?? NOBODY };
    try {
      const found = key === undefined ? undefined : this.#room.takeLeft(key);
      if (!found) await this.#claim(room);
      return await this.#opened(key, found?.wanted ?? room, found?.left.bytes ?? 0);
    } catch (thrown) {
      if (key !== undefined) this.#writing.delete(key);
      throw thrown;
    }
  }

  /** A whole file has been removed. */
  async removed(name: string, size: number): Promise<void> {
    if (!this.#loaded) return;
    this.#room.add(this.#owners.of(name), -size);
    if (this.#ownersCount) await this.#owners.set(name, NOBODY);
  }

  /** Without a bound for each owner nobody needs to know whose a file is. */
  get #ownersCount(): boolean {
    return Number.isFinite(this.#parts.bounds.maxOwnerBytes);
  }

  async #opened(key: string | undefined, wanted: WantedRoom, keptBytes: number) {
    const ended: FolderDraftParts["ended"] = (how) => {
      if (key !== undefined) this.#writing.delete(key);
      if (how === "settled") this.#room.settle(wanted);
      else if (how === "released" || key === undefined) this.#room.release(wanted);
      else this.#room.leave(key, wanted, { key, bytes: how.leftBytes });
    };
    const naming = async (name: string) => {
      if (this.#ownersCount) await this.#owners.set(name, wanted.owner);
    };
    const { folder, now } = this.#parts;
    try {
      return await openFolderDraft({ folder, wanted, key, keptBytes, now, naming, ended });
    } catch (thrown) {
      this.#room.release(wanted);
      throw thrown;
    }
  }

  /** Files that somebody has removed by hand leave room that is noticed when it is needed. */
  async #claim(wanted: WantedRoom): Promise<void> {
    try {
      await this.#room.claim(wanted);
    } catch (thrown) {
      if (!(thrown instanceof SealwireError) || thrown.code !== "TOO_LARGE") throw thrown;
      await this.#count();
      await this.#room.claim(wanted);
    }
  }

  async #ready(): Promise<void> {
    // Also when it was removed while we ran.
    await mkdir(this.#parts.folder, { recursive: true });
    this.#loaded ??= this.#load();
    try {
      await this.#loaded;
    } catch (thrown) {
      this.#loaded = undefined;
      throw thrown;
    }
  }

  async #load(): Promise<void> {
    const { folder, bounds, now } = this.#parts;
    if (this.#ownersCount) await this.#owners.load();
    for (const { key, note, changedMs } of await findDrafts(folder)) {
      if (now() - changedMs > bounds.draftTimeoutMs) await removeDraft(folder, key);
      else if (note) this.#room.leave(key, note.wanted, { key, bytes: note.bytes }, changedMs);
    }
    await this.#count();
  }

  async #count(): Promise<void> {
    if (!this.#ownersCount && this.#parts.bounds.maxTotalBytes === Number.POSITIVE_INFINITY) return;
    const found: StoredFile[] = [];
    for await (const file of this.#parts.files()) found.push(file);
    this.#room.clear();
    for (const { name, size } of found) this.#room.add(this.#owners.of(name), size);
  }
}
