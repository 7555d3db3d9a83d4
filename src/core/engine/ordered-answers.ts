/**
 * Holds answers back until those to earlier requests have left: for wires on which answers keep the
 * order of the requests. A session opens a place when it decodes a request, and gives the frame of
 * each answer when it encodes it.
 */
export class OrderedAnswers {
  readonly #ready = new Map<number, Uint8Array>();
  #next = 1;
  #due = 1;

  /** How many requests are not answered on the wire yet. */
  get held(): number {
    return this.#next - this.#due;
  }

  /** A request has come: the id under which its answer is to be given. */
  open(): number {
    return this.#next++;
  }

  /** The answer to one of them. Returns all that may leave now, in the order of the requests. */
  answer(id: number, frame: Uint8Array): readonly Uint8Array[] {
    if (id === this.#due && this.#ready.size === 0) {
      this.#due += 1;
      return [frame];
    }
    this.#ready.set(id, frame);
    const leaving: Uint8Array[] = [];
    for (let next = this.#ready.get(this.#due); next; next = this.#ready.get(this.#due)) {
      this.#ready.delete(this.#due);
      this.#due += 1;
      leaving.push(next);
    }
    return leaving;
  }
}
