import type { ClientHost, ConnectionState } from "../../core/contracts/feature.ts";
import { isStream } from "../../core/engine/streams.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { StateWatchOptions } from "./shared-state-client.ts";
import { UnpackedValues } from "./unpacked-values.ts";
import { readItem, type WatchedVariable } from "./watch-item.ts";
import { WatchProgress } from "./watch-progress.ts";

/** Tries that fail before the server says anything; then the watch is over. */
const MAX_FRUITLESS = 3;

/** Watches the variables of a server, through breaks of the connection. */
export class ServerWatch {
  readonly #host: ClientHost;
  #state: ConnectionState = "open";
  #waiting: (() => void)[] = [];

  constructor(host: ClientHost) {
    this.#host = host;
  }

  /** Where the client stands now. */
  stands(state: ConnectionState): void {
    this.#state = state;
    if (state !== "open" && state !== "closed") return;
    for (const go of this.#waiting.splice(0)) go();
  }

  async *open(
    target: string | { readonly prefix: string },
    { signal, onReady }: StateWatchOptions,
  ): AsyncGenerator<WatchedVariable, undefined> {
    const progress = new WatchProgress(onReady);
    const asked = { packed: true, anew: false };
    let fruitless = 0;
    while (!signal?.aborted) {
      fruitless += 1;
      try {
        const after = asked.anew ? undefined : progress.cursor;
        asked.anew = false;
        const plain = asked.packed ? plainItems(asked) : (item: unknown) => item;
        for await (const item of await this.#ask(target, { after, packed: asked.packed }, signal)) {
          fruitless = 0;
          const read = readItem(plain(item));
          if (read) yield* progress.take(read);
        }
        // Only a server that stops watching ends the stream.
        throw new SealwireError("UNAVAILABLE", "the server has ended the watch");
      } catch (thrown) {
        if (signal?.aborted) return undefined;
        if (asked.anew) continue;
        if (!isPassing(thrown, fruitless)) throw thrown;
        await this.#opened(signal);
        if (this.#state === "closed") throw thrown;
      }
    }
    return undefined;
  }

  async #ask(
    target: string | { readonly prefix: string },
    { after, packed }: { readonly after: string | undefined; readonly packed: boolean },
    signal: AbortSignal | undefined,
  ): Promise<AsyncIterable<unknown>> {
    const wanted = typeof target === "string" ? { name: target } : { prefix: target.prefix };
    const named = { ...wanted, ...(after !== undefined && { after }), ...(packed && { packed }) };
    const answer = await this.#host.call(
      "$state.watch",
      { positional: [], named },
      { ...(signal && { signal }) },
    );
    if (isStream(answer)) return answer;
    throw new SealwireError("UNSUPPORTED", "the server answers a watch with a single value");
  }

  /** Resolves when there is a connection, when there will be none, or when nobody waits. */
  #opened(signal: AbortSignal | undefined): Promise<void> {
    if (this.#state === "open" || this.#state === "closed") return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}

/** From bytes of which no value can be made a watch begins anew, with values as they are. */
function plainItems(asked: { packed: boolean; anew: boolean }): (item: unknown) => unknown {
  const values = new UnpackedValues();
  return (item) => {
    try {
      return values.plain(item);
    } catch (thrown) {
      asked.packed = false;
      asked.anew = true;
      throw thrown;
    }
  };
}

/** A watch goes on after a connection that broke, and after changes that came too fast. */
function isPassing(thrown: unknown, fruitless: number): boolean {
  const { code } = SealwireError.from(thrown);
  // Without having heard anything there are too many watches, not too many changes.
  if (code === "RATE_LIMITED") return fruitless === 0;
  return (code === "UNAVAILABLE" || code === "DEADLINE_EXCEEDED") && fruitless < MAX_FRUITLESS;
}
