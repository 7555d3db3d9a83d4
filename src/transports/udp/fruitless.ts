/**
 * Counts streams in a row that have brought nothing whole: weather damages now and then, who damages
 * everything is no peer.
 */
export class Fruitless {
  #received = 0;
  #streams = 0;

  /** One more was damaged when so much had been received. Says whether that was the last. */
  failed(received: number): boolean {
    this.#streams = this.#received === received ? this.#streams + 1 : 1;
    this.#received = received;
    return this.#streams > MOST_STREAMS;
  }
}

const MOST_STREAMS = 64;
