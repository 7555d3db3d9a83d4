/** One promise for all who wait for the same: ten thousand waiting writes cost one listener. */
export class Gate {
  #waiting: Promise<void> | undefined;
  #open: (() => void) | undefined;

  /** Resolves at the next `open`. */
  wait(): Promise<void> {
    this.#waiting ??= new Promise((resolve) => {
      this.#open = resolve;
    });
    return this.#waiting;
  }

  /** Lets everybody pass who waits now. */
  open(): void {
    const open = this.#open;
    this.#waiting = undefined;
    this.#open = undefined;
    open?.();
  }
}
