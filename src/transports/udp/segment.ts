/** Bytes that lie in one place, on their way out. */
export interface Segment {
  readonly bytes: Uint8Array;
  /** Part of a large chunk, which is not copied: it must stay as it is until the peer has it. */
  readonly isLarge?: boolean;
  /** Told once the bytes are not needed any more. */
  readonly release?: (() => void) | undefined;
}

/** To copy less than this is cheaper than to send it from its own place. */
export const LARGE_BYTES = 16_384;
