/** What a hold needs of its session. */
export interface HoldPort {
  /** Asks for what waits to be taken, by `pass` with nothing. */
  flush(): void;
  /** Runs once after so many milliseconds; the returned function takes it back. */
  after(ms: number, run: () => void): () => void;
}

/**
 * Keeps frames back for a while. What waits is bounded: beyond it everything goes, because whoever
 * does not read holds it up by himself.
 */
export class Hold {
  readonly #port: HoldPort;
  #frames: Uint8Array[] = [];
  #bytes = 0;
  #cancel: (() => void) | undefined;

  constructor(port: HoldPort) {
    this.#port = port;
  }

  /** Whether frames are kept back. */
  get holds(): boolean {
    return this.#cancel !== undefined;
  }

  /** Keeps frames back for so long, from now on. */
  hold(ms: number): void {
    this.#cancel?.();
    this.#cancel = ms > 0 ? this.#port.after(ms, () => this.release()) : undefined;
  }

  /** Keeps nothing back any more. */
  release(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#frames.length > 0) this.#port.flush();
  }

  /** Of what waits and these frames those that may leave now, in order. */
  pass(frames: readonly Uint8Array[]): readonly Uint8Array[] {
    if (!this.holds && this.#frames.length === 0) return frames;
    for (const frame of frames) {
      this.#frames.push(frame);
      this.#bytes += frame.length;
    }
    if (this.holds && this.#bytes <= MAX_HELD_BYTES) return NONE;
    const held = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    return held;
  }
}

/** Waits without keeping a process alive for it. */
export function afterTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  // A number in browsers, where nothing keeps a process alive.
  if (typeof timer === "object") timer.unref();
  return () => clearTimeout(timer);
}

const NONE: readonly Uint8Array[] = Object.freeze([]);
const MAX_HELD_BYTES = 4_194_304;
