/**
 * Whether the peer holds another secret. A lost datagram looks the same as one that made no sense
 * to it, so it takes several signs and some time.
 */
export class Suspicion {
  #signs = 0;
  #sinceMs: number | undefined;

  /** The peer goes on as if our proof made no sense to it, or its own makes none to us. */
  sign(nowMs: number): void {
    this.#signs += 1;
    this.#sinceMs ??= nowMs;
  }

  certain(nowMs: number): boolean {
    const lastsMs = nowMs - (this.#sinceMs ?? nowMs);
    return lastsMs >= LASTS_MS && this.#signs >= SIGNS;
  }
}

const LASTS_MS = 2_000;
const SIGNS = 3;
