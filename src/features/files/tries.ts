import { SealwireError } from "../../core/model/errors.ts";
import { TRANSFER_NOT_FOUND } from "./file-errors.ts";

/** Decides whether a transfer that broke is gone on with: as long as tries bring it forward. */
export class Tries {
  #fruitless = 0;

  /** Something has passed. */
  progressed(): void {
    this.#fruitless = 0;
  }

  /** @throws what was thrown, where another try would not help or several have not helped */
  again(thrown: unknown): void {
    this.#fruitless += 1;
    if (!isBreak(thrown) || this.#fruitless >= MAX_FRUITLESS) throw thrown;
  }
}

const MAX_FRUITLESS = 3;

/** A call that waited for the next connection may meet a server that has forgotten the transfer. */
function isBreak(thrown: unknown): boolean {
  const { code, message } = SealwireError.from(thrown, "INTERNAL");
  return code === "UNAVAILABLE" || (code === "NOT_FOUND" && message === TRANSFER_NOT_FOUND);
}
