import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/**
 * Destroys a socket whose next request has not come, headers and all, within a time: from the
 * start, and again from the end of each answer. So nobody holds a socket by sending slowly.
 */
export class RequestGuard {
  readonly #socket: Duplex;
  readonly #timeoutMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: Duplex, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    this.#start();
  }

  /** The headers of a request are there; the time to answer it is the handler's own affair. */
  received(response: ServerResponse): void {
    this.stop();
    response.once("close", () => this.#start());
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(): void {
    this.stop();
    if (this.#socket.destroyed) return;
    this.#timer = setTimeout(() => this.#socket.destroy(), this.#timeoutMs);
  }
}
