/** Work that goes one after the other for each name. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs when all that was asked before for this name is over: at once when there is nothing. */
  take<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(name);
    const mine = before ? before.then(run, run) : run();
    this.#last.set(name, mine);
    const forget = (): void => {
      if (this.#last.get(name) === mine) this.#last.delete(name);
    };
    mine.then(forget, forget);
    return mine;
  }

  /** Resolves when nothing that was asked before goes on. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }
}
