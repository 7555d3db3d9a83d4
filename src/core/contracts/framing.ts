/** Cuts received bytes into frames, keeping the unfinished rest, and wraps frames on the way out. */
export interface Framing {
  /** Small until the peer has proven itself, then the configured limit. */
  maxFrameBytes: number;
  /** @throws `TOO_LARGE` when a frame claims more than `maxFrameBytes`. */
  push(chunk: Uint8Array): readonly Uint8Array[];
  /** Header and frame side by side: large frames are not copied. */
  wrap(frame: Uint8Array): readonly Uint8Array[];
  /** A frame from here was refused. Says whether other ones follow, elsewhere cut; else it is over. */
  refused?(error: unknown): boolean;
}
