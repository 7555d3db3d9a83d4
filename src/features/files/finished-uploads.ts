/**
 * What was answered to those who asked for the end of an upload: the answer may be lost, and who
 * asks again with the name of the transfer gets it again instead of a second file.
 */
export class FinishedUploads {
  readonly #answers = new Map<string, Finished>();

  has(id: string, owner: string): boolean {
    return this.answer(id, owner) !== undefined;
  }

  answer(id: string, owner: string): Promise<unknown> | undefined {
    const finished = this.#answers.get(id);
    return finished?.owner === owner ? finished.answer : undefined;
  }

  /** What fails is forgotten. */
  add(id: string, owner: string, answer: Promise<unknown>): void {
    this.#answers.set(id, { owner, answer });
    answer.catch(() => this.#answers.delete(id));
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MAX_FINISHED && oldest !== undefined) this.#answers.delete(oldest);
  }
}

interface Finished {
  readonly owner: string;
  readonly answer: Promise<unknown>;
}

const MAX_FINISHED = 256;
