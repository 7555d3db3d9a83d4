import type { Logger } from "../core/contracts/logger.ts";
import type { Peer } from "../core/model/peer.ts";

/** Is told when a peer has come. */
export type ConnectHook = (peer: Peer) => void | Promise<void>;
/** Is told when a peer has gone; `reason` is absent after an orderly end. */
export type DisconnectHook = (peer: Peer, reason?: Error) => void;

/** Is told when a peer has lost its channel but may come back, and when it is back. */
export type AwayHook = (peer: Peer, away: boolean) => void;

/** Those who are told what happens. What a hook throws is logged and changes nothing. */
export class Hooks {
  readonly #logger: Logger;
  readonly start: (() => void | Promise<void>)[] = [];
  readonly connect: ConnectHook[] = [];
  readonly disconnect: DisconnectHook[] = [];
  readonly away: AwayHook[] = [];
  readonly close: (() => void | Promise<void>)[] = [];
  #started: Promise<void> | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Runs the hooks of the start once, in order; here a failure stops the server from listening. */
  started(): Promise<void> {
    this.#started ??= this.#inOrder();
    return this.#started;
  }

  connected(peer: Peer): void {
    for (const hook of this.connect) this.#safely("connect", () => hook(peer));
  }

  disconnected(peer: Peer, reason: Error | undefined): void {
    for (const hook of this.disconnect) this.#safely("disconnect", () => hook(peer, reason));
  }

  wentAway(peer: Peer, away: boolean): void {
    for (const hook of this.away) this.#safely("away", () => hook(peer, away));
  }

  async closed(): Promise<void> {
    for (const hook of this.close.splice(0)) await this.#safely("close", hook);
  }

  async #inOrder(): Promise<void> {
    for (const hook of this.start) await hook();
  }

  async #safely(name: string, run: () => void | Promise<void>): Promise<void> {
    try {
      await run();
    } catch (err) {
      this.#logger.error({ hook: name, err }, "a hook failed");
    }
  }
}
