import { decodeUtf8 } from "../bytes/text.ts";
import type { Clock } from "../core/contracts/clock.ts";
import type { Channel } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { ClientFrame } from "./client-frame.ts";
import type { Wording } from "./wording.ts";

/** The frames of one client, in one of the two languages. */
export class FrameReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #wording: Wording;
  readonly #clock: Clock;

  constructor(channel: Channel, wording: Wording, clock: Clock) {
    this.#chunks = channel[Symbol.asyncIterator]();
    this.#wording = wording;
    this.#clock = clock;
  }

  /** The next frame; `undefined` when the client has closed. */
  async next(): Promise<ClientFrame | undefined> {
    const { done, value } = await this.#chunks.next();
    // Text of a WebSocket is UTF-8, or the WebSocket has failed.
    return done ? undefined : this.#wording.parse(decodeUtf8(value) ?? "");
  }

  /** The same, in time. @throws `UNAUTHENTICATED` when it does not come. */
  within(timeoutMs: number): Promise<ClientFrame | undefined> {
    return new Promise((resolve, reject) => {
      const message = `the first frame did not come within ${timeoutMs} ms`;
      const late = () => reject(new SealwireError("UNAUTHENTICATED", message));
      const cancel = this.#clock.after(timeoutMs, late);
      this.next().then(resolve, reject).finally(cancel);
    });
  }
}
