import type { FileDraft, StoredFile } from "../../core/contracts/file-store.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { ChunkSet } from "./chunk-set.ts";

/** More chunks would cost more memory than they save. */
export const MAX_CHUNKS = 1_048_576;
/** What may wait for the first chunk, which tells how long chunks are. */
const MAX_WAITING_BYTES = 8_388_608;
const MAX_WAITING_CHUNKS = 256;

/** So much more has been written before the draft is told: a crash loses no more of it. */
const NOTED_BYTES = 1_048_576;

/**
 * A file that arrives in chunks, in any order. All have the length of the first but the last, and
 * their numbers say where they belong: senders may cut as they like, as those of netconduit do.
 * Who goes on with what an earlier try has left cuts as told; who begins with the first chunk
 * begins anew.
 */
export class IncomingFile {
  readonly #draft: FileDraft;
  readonly #size: number;
  readonly #waiting = new Map<number, Uint8Array>();
  readonly #adding = new Set<Promise<void>>();
  /** Chunks that an earlier try has left, while nothing of this one is there. */
  #kept: { readonly chunks: number; readonly chunkBytes: number } | undefined;
  #waitingBytes = 0;
  #chunkBytes = 0;
  #notedBytes = 0;
  #chunks: ChunkSet | undefined;
  #failure: { readonly thrown: unknown } | undefined;

  /** `toldChunkBytes` is how long the sender was told to cut. */
  constructor(draft: FileDraft, size: number, toldChunkBytes = 0) {
    this.#draft = draft;
    this.#size = size;
    const { keptBytes = 0 } = draft;
    if (keptBytes === 0 || toldChunkBytes === 0) return;
    const chunks = Math.floor(keptBytes / toldChunkBytes) + (keptBytes === size ? 1 : 0);
    const total = Math.ceil(size / toldChunkBytes);
    this.#kept = { chunks: Math.min(chunks, total), chunkBytes: toldChunkBytes };
  }

  /** Whether a try that is cut off leaves anything for another one. */
  get resumable(): boolean {
    return this.#draft.leave !== undefined;
  }

  /** Chunks that are there, each counted once. */
  get chunksReceived(): number {
    return this.#kept?.chunks ?? (this.#chunks?.count ?? 0) + this.#waiting.size;
  }

  /** Bytes that are there, about. */
  get bytesReceived(): number {
    const { chunks, chunkBytes } = this.#kept ?? { chunks: 0, chunkBytes: 0 };
    const placed =
      (this.#chunks?.count ?? 0) * this.#chunkBytes + this.#waitingBytes + chunks * chunkBytes;
    return Math.min(this.#size, placed);
  }

  /** Whether something could not be written: then nothing of it is there any more. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * A chunk that comes after a failure fails alike, so that the cause is told whichever answer
   * arrives first.
   *
   * @throws `INVALID_ARGUMENT` for a chunk that has no place in this file
   */
  async add(index: number, chunk: Uint8Array): Promise<void> {
    const adding = this.#failure ? Promise.resolve() : this.#add(index, chunk);
    this.#adding.add(adding);
    try {
      await adding;
    } catch (thrown) {
      if (SealwireError.from(thrown).code === "INVALID_ARGUMENT") throw thrown;
      this.#failure ??= { thrown };
    } finally {
      this.#adding.delete(adding);
    }
    if (!this.#failure) return;
    await this.discard();
    throw this.#failure.thrown;
  }

  /** Gives the file its name. @throws `CONFLICT` when its content is not what was announced */
  async finish(sha256: Uint8Array): Promise<StoredFile> {
    // What could not be written lacks in the digest, and whoever sent it was told.
    await Promise.allSettled(this.#adding);
    this.#goOn();
    if (this.#size > 0 && !this.#chunks?.whole) {
      await this.discard();
      const message = `Transfer incomplete: ${this.bytesReceived} of ${this.#size} bytes came`;
      throw new SealwireError("CONFLICT", message);
    }
    return this.#draft.commit(sha256);
  }

  async discard(): Promise<void> {
    await Promise.allSettled(this.#adding);
    await this.#draft.discard();
  }

  /** Ends this try. What has come from the beginning on is left for another one where it can be. */
  async leave(): Promise<void> {
    await Promise.allSettled(this.#adding);
    this.#goOn();
    const bytes = this.#prefixBytes();
    if (bytes === 0 || !this.#draft.leave) return this.#draft.discard();
    await this.#draft.reached?.(bytes);
    await this.#draft.leave();
  }

  async #add(index: number, chunk: Uint8Array): Promise<void> {
    if (index > 0) this.#goOn();
    if (index === 0 && !this.#chunks) return this.#begin(chunk);
    if (!this.#chunks) return this.#wait(index, chunk);
    return this.#place(index, chunk, this.#chunks);
  }

  /** Takes what was kept as if it had come now. */
  #goOn(): void {
    const kept = this.#kept;
    if (!kept) return;
    this.#kept = undefined;
    this.#chunkBytes = kept.chunkBytes;
    this.#chunks = new ChunkSet(Math.ceil(this.#size / kept.chunkBytes));
    this.#chunks.addBefore(kept.chunks);
    this.#notedBytes = this.#prefixBytes();
  }

  #prefixBytes(): number {
    return Math.min(this.#size, (this.#chunks?.firstMissing ?? 0) * this.#chunkBytes);
  }

  async #begin(first: Uint8Array): Promise<void> {
    this.#kept = undefined;
    const total = first.length === 0 ? 0 : Math.ceil(this.#size / first.length);
    if (first.length > this.#size || (first.length === 0 && this.#size > 0)) throw misplaced(0);
    if (total > MAX_CHUNKS) {
      const message = `chunks of ${first.length} bytes are too small for ${this.#size}`;
      throw new SealwireError("INVALID_ARGUMENT", message);
    }
    this.#chunkBytes = first.length;
    const chunks = new ChunkSet(total);
    this.#chunks = chunks;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#waitingBytes = 0;
    await this.#place(0, first, chunks);
    for (const [index, chunk] of waiting) await this.#place(index, chunk, chunks);
  }

  #wait(index: number, chunk: Uint8Array): void {
    const known = this.#waiting.get(index)?.length ?? 0;
    const bytes = this.#waitingBytes + chunk.length - known;
    if (bytes > MAX_WAITING_BYTES || this.#waiting.size >= MAX_WAITING_CHUNKS) {
      const message = "too many chunks before the first one: send chunk 0 early";
      throw new SealwireError("INVALID_ARGUMENT", message);
    }
    if (index >= Math.min(this.#size, MAX_CHUNKS)) throw misplaced(index);
    this.#waiting.set(index, chunk);
    this.#waitingBytes = bytes;
  }

  async #place(index: number, chunk: Uint8Array, chunks: ChunkSet): Promise<void> {
    if (this.#size === 0 && index === 0 && chunk.length === 0) return;
    const offset = index * this.#chunkBytes;
    const due = Math.min(this.#chunkBytes, this.#size - offset);
    if (index >= chunks.total || chunk.length !== due) throw misplaced(index);
    await this.#draft.write(offset, chunk);
    chunks.add(index);
    const bytes = this.#prefixBytes();
    if (bytes - this.#notedBytes < NOTED_BYTES) return;
    this.#notedBytes = bytes;
    await this.#draft.reached?.(bytes);
  }
}

function misplaced(index: number): SealwireError {
  const message = `Invalid chunk: number ${index} with this length has no place in the file`;
  return new SealwireError("INVALID_ARGUMENT", message);
}
