/**
 * Notices that nothing more arrives although the other side can be heard: a number in the head of a
 * packet of udx was damaged, and one side waits for what the other takes for delivered.
 */
export class Standstill {
  #arrived = -1;
  #sinceMs = 0;

  /** The other side says how far it is. Says whether that has not changed for too long. */
  hear(arrived: number, nowMs: number, roundTripMs: number): boolean {
    const patienceMs = Math.max(PATIENCE_MS, PATIENCE_ROUND_TRIPS * roundTripMs);
    if (arrived <= this.#arrived) return nowMs - this.#sinceMs >= patienceMs;
    this.#arrived = arrived;
    this.#sinceMs = nowMs;
    return false;
  }

  forget(): void {
    this.#arrived = -1;
  }
}

/** Long enough for udx to repeat what was lost, and that again. */
const PATIENCE_MS = 700;
/** What is heard may have been said a round trip ago, before what was sent last could arrive. */
const PATIENCE_ROUND_TRIPS = 3;
