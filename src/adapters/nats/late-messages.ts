/** What is watched for messages that do not come. */
export interface Expecting {
  /** Something has not come that is known to be there. */
  readonly lacks: boolean;
  /** How far everything has come. */
  readonly position: number;
}

/** Said aloud, a message comes within a few milliseconds of what tells of it. */
const LOOK_MS = 20;
/** Looks without progress; after one alone this process may only have been busy. */
const MOST_LOOKS = 2;

/** Notices when what must come does not come: one timer, and only while something is missing. */
export class LateMessages {
  readonly #expecting: Expecting;
  readonly #stalled: () => void;
  #timer: NodeJS.Timeout | undefined;
  #position = 0;
  #looks = 0;

  /** Tells again and again for as long as nothing moves. */
  constructor(expecting: Expecting, stalled: () => void) {
    this.#expecting = expecting;
    this.#stalled = stalled;
  }

  /** Looks until nothing is missing any more. */
  watch(): void {
    if (this.#timer || !this.#expecting.lacks) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#look();
      this.watch();
    }, LOOK_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const { lacks, position } = this.#expecting;
    this.#looks = lacks && position === this.#position ? this.#looks + 1 : 0;
    this.#position = position;
    if (this.#looks >= MOST_LOOKS) this.#stalled();
  }
}
