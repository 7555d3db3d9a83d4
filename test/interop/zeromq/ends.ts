import type { Channel, Listener } from "../../../src/core/contracts/transport.ts";
import { SealwireError } from "../../../src/core/model/errors.ts";
import { nodeBox } from "../../../src/crypto/providers/node-box.node.ts";
import { encodeZ85, type ZeromqOptions, zeromq } from "../../../src/transports/zeromq/index.ts";

/** A pair of keys, and both as libzmq's users write them. */
export interface Keys {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** The same keys in each run. */
export function fixedKeys(seed: number): Keys {
  const secretKey = new Uint8Array(32).fill(seed);
  return { secretKey, publicKey: nodeBox().publicKey(secretKey) };
}

export const SERVER: Keys = fixedKeys(1);
export const CLIENT: Keys = fixedKeys(2);

/** The three keys that a program in Python takes. */
export function inPython(serverKey: Uint8Array, own: Keys): readonly string[] {
  return [serverKey, own.publicKey, own.secretKey].map(encodeZ85);
}

/** What our ends do, each until the test is over. */
export class OurEnds {
  readonly #open: { close(): Promise<unknown> }[] = [];

  /** A listener whose channels arrive in order. */
  async listen(options: ZeromqOptions = {}, port = 0): Promise<Arrivals> {
    const listener = await zeromq(options).listen(new URL(`zmq://127.0.0.1:${port}`));
    this.#open.push(listener);
    const channels = listener[Symbol.asyncIterator]();
    return {
      listener,
      address: `tcp://127.0.0.1:${listener.address.port}`,
      next: async () => {
        const { value } = await channels.next();
        this.#open.push(broken(value));
        return value;
      },
    };
  }

  /** A listener that sends every body back, and complains of empty ones. */
  async echo(options: ZeromqOptions = {}, port = 0): Promise<Arrivals> {
    const arrivals = await this.listen(options, port);
    void (async () => {
      for (;;) {
        const channel = await arrivals.next();
        if (channel === undefined) return;
        void echoed(channel).catch(() => {});
      }
    })();
    return arrivals;
  }

  /** A channel to a server in Python, which has said where it listens. */
  async connect(endpoint: unknown, options: ZeromqOptions = {}): Promise<Channel> {
    const { signal } = new AbortController();
    const address = new URL(String(endpoint).replace("tcp:", "zmq:"));
    const channel = await zeromq(options).connect(address, { signal });
    this.#open.push(broken(channel));
    return channel;
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((open) => open.close()));
  }
}

/** A listener and who comes to it. */
export interface Arrivals {
  readonly listener: Listener;
  /** As libzmq writes it. */
  readonly address: string;
  next(): Promise<Channel>;
}

async function echoed(channel: Channel): Promise<void> {
  for await (const body of channel) {
    await channel.write([body.length === 0 ? new TextEncoder().encode("malformed") : body]);
  }
}

function broken(channel: Channel | undefined): { close(): Promise<unknown> } {
  const reason = new SealwireError("CANCELLED", "the test is over");
  return { close: async () => channel?.close(reason) };
}
