import { mkdir } from "node:fs/promises";
import type { DraftOptions, FileDraft, StoredFile } from "../../core/contracts/file-store.ts";
import { type FolderDraftParts, openFolderDraft } from "./folder-draft.node.ts";
import { findDrafts, removeDraft } from "./folder-notes.node.ts";
import { FolderOwners } from "./folder-owners.node.ts";
import type { StoreBounds } from "./store-bounds.ts";
import { NOBODY, StoreRoom } from "./store-room.ts";

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
  /** What is left are bytes from the beginning on. */
  readonly #room: StoreRoom<number>;
  readonly #owners: FolderOwners;
  #loaded: Promise<void> | undefined;

  constructor(parts: FolderDraftsParts) {
    const { folder } = parts;
    this.#parts = parts;
    this.#room = new StoreRoom({
      ...parts,
      discard: (key) => removeDraft(folder, key),
      recount: () => this.#count(),
    });
    this.#owners = new FolderOwners(folder);
  }

  async open(name: string, size: number, options: DraftOptions): Promise<FileDraft> {
    await this.#ready();
    const { folder, now } = this.#parts;
    const opening = await this.#room.open(name, size, options);
    const { wanted, key, left: keptBytes = 0 } = opening;
    const ended: FolderDraftParts["ended"] = (how) => {
      if (how === "settled") this.#room.settle(opening);
      else if (how === "released") this.#room.release(opening);
      else this.#room.leave(opening, how.leftBytes);
    };
    const naming = async (named: string) => {
      if (this.#ownersCount) await this.#owners.set(named, wanted.owner);
    };
    try {
      return await openFolderDraft({ folder, wanted, key, keptBytes, now, naming, ended });
    } catch (thrown) {
      this.#room.release(opening);
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
      else if (note) this.#room.found(key, note.wanted, note.bytes, changedMs);
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
