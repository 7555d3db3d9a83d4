/** Where those wait who say something while we are not in our place. */
export class ReturnGate {
  #settled: Promise<void> = Promise.resolve();
  #open: () => void = () => {};

  /** Resolves when it is known where we are. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /** The place is lost, until `until` or `open` is called. */
  close(): void {
    const earlier = this.#open;
    this.#settled = new Promise((resolve) => {
      this.#open = () => {
        resolve();
        earlier();
      };
    });
  }

  /** It opens when this attempt has ended, however it ends; who waited before goes on then too. */
  until(attempt: Promise<unknown>): void {
    const open = this.#open;
    this.#open = () => {};
    this.#settled = attempt.then(open, open);
  }

  /** Those to come wait for this as well; it may itself wait until it opens. */
  follow(attempt: Promise<unknown>): void {
    const over = (): void => {};
    this.#settled = attempt.then(over, over);
  }

  open(): void {
    this.#open();
    this.#open = () => {};
  }
}
