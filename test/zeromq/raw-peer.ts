import type { Channel } from "../../src/core/contracts/transport.ts";
import { memoryPair } from "../../src/testing/memory-pair.ts";
import type { ZmtpChannel } from "../../src/transports/zeromq/channel.ts";
import { commandFrame, formatCommand } from "../../src/transports/zeromq/commands.ts";
import { formatGreeting, GREETING_BYTES } from "../../src/transports/zeromq/greeting.ts";
import { greet } from "../../src/transports/zeromq/handshake.ts";
import { formatMetadata, type SocketType } from "../../src/transports/zeromq/metadata.ts";
import { type ZeromqOptions, zeromqSettings } from "../../src/transports/zeromq/options.ts";

/** The far end of a stream in memory, for tests that write what no honest peer would. */
export interface RawPeer {
  readonly channel: Channel;
  write(...chunks: readonly Uint8Array[]): void;
  /** The next so many bytes of ours; fewer when we end. */
  read(count: number): Promise<Uint8Array>;
}

/** One of our ends, greeting, and the peer that it greets. */
export interface Meeting {
  readonly greeted: Promise<ZmtpChannel>;
  readonly raw: RawPeer;
  /** Ends the greeting. */
  readonly abort: AbortController;
}

/** Begins a greeting of ours with a peer that the test plays. */
export function meet(own: SocketType = "ROUTER", options: ZeromqOptions = {}): Meeting {
  const [near, far] = memoryPair();
  const abort = new AbortController();
  const greeted = greet(near, own, zeromqSettings(options), abort.signal);
  // A test that waits for something else first must not end the process.
  greeted.catch(() => {});
  return { greeted, raw: rawPeer(far), abort };
}

/** The same, over: the peer has greeted with NULL as a `DEALER`, and read what we said. */
export async function met(
  options: ZeromqOptions = {},
  minor = 1,
): Promise<{ readonly channel: ZmtpChannel; readonly raw: RawPeer }> {
  const { greeted, raw } = meet("ROUTER", options);
  const greeting = formatGreeting("NULL", false);
  greeting[11] = minor;
  raw.write(greeting, ready());
  const channel = await greeted;
  await raw.read(GREETING_BYTES + ready("ROUTER").length);
  return { channel, raw };
}

/** The command that ends a greeting with NULL. */
export function ready(socketType: SocketType = "DEALER"): Uint8Array {
  return commandFrame(formatCommand("READY", formatMetadata(socketType)));
}

/** Both of our ends, greeting each other. */
export function meetEachOther(
  client: ZeromqOptions,
  server: ZeromqOptions,
  change: (chunk: Uint8Array, from: "client" | "server") => Uint8Array = (chunk) => chunk,
): { readonly client: Promise<ZmtpChannel>; readonly server: Promise<ZmtpChannel> } {
  const [clientEnd, clientFar] = memoryPair();
  const [serverEnd, serverFar] = memoryPair();
  void relay(clientFar, serverFar, (chunk) => change(chunk, "client"));
  void relay(serverFar, clientFar, (chunk) => change(chunk, "server"));
  const { signal } = new AbortController();
  const ends = {
    client: greet(clientEnd, "DEALER", zeromqSettings(client), signal),
    server: greet(serverEnd, "ROUTER", zeromqSettings(server), signal),
  };
  for (const end of Object.values(ends)) end.catch(() => {});
  return ends;
}

async function relay(
  from: Channel,
  to: Channel,
  change: (chunk: Uint8Array) => Uint8Array,
): Promise<void> {
  try {
    for await (const chunk of from) to.write([change(chunk.slice())]);
  } catch {
    // The other side learns of it as it would over a wire: its path ends.
  }
  void to.close();
}

function rawPeer(channel: Channel): RawPeer {
  const chunks = channel[Symbol.asyncIterator]();
  let left = new Uint8Array(0);
  return {
    channel,
    write: (...written) => void channel.write(written),
    async read(count) {
      while (left.length < count) {
        const { done, value } = await chunks.next();
        if (done === true) break;
        left = Uint8Array.of(...left, ...value);
      }
      const taken = left.subarray(0, count);
      left = left.slice(taken.length);
      return taken;
    },
  };
}
