import { connectHandshake, type Link } from "../../src/core/engine/handshake.ts";
import { DEFAULT_LIMITS } from "../../src/core/engine/limits.ts";
import type { CallId, Message } from "../../src/core/model/message.ts";
import { ADDRESS, type World } from "./world.ts";

/** A peer that speaks the wire correctly and keeps none of its rules. */
export interface RawPeer {
  /** Says all of this in one record, whatever it is. */
  say(...messages: readonly Message[]): Promise<void>;
  /** The next messages; `undefined` at the end. */
  hear(): Promise<readonly Message[] | undefined>;
  /** What is said until it is over. */
  hearAll(): Promise<readonly Message[]>;
  close(): void;
}

export async function rawPeer(world: World): Promise<RawPeer> {
  const signal = new AbortController().signal;
  const channel = await world.transport.connect(new URL(ADDRESS), { signal });
  const { publicKey } = await world.dialect.identity();
  const { clock } = world.platform;
  const greeting = { channel, dialect: world.dialect, limits: DEFAULT_LIMITS, clock };
  const link = await connectHandshake(greeting, {
    about: {},
    maxFrameBytes: DEFAULT_LIMITS.maxFrameBytes,
    credentials: { scheme: "anonymous" },
    serverName: "sealwire",
    serverKeys: [publicKey],
    trusts: async () => true,
    flush: () => {},
  });
  return speaking(link);
}

/** A call as a message. */
export function callOf(id: CallId, procedure: string, ...positional: unknown[]): Message {
  return { kind: "call", id, procedure, args: { positional, named: {} } };
}

function speaking({ channel, session, framing, chunks }: Link): RawPeer {
  const hear = async (): Promise<readonly Message[] | undefined> => {
    for (;;) {
      const { done, value } = await chunks.next();
      if (done) return undefined;
      const messages = framing.push(value).flatMap((frame) => session.decode(frame));
      if (messages.length > 0) return messages;
    }
  };
  return {
    async say(...messages) {
      const frames = session.encode(messages);
      await channel.write(frames.flatMap((frame) => framing.wrap(frame)));
    },
    hear,
    async hearAll() {
      const all: Message[] = [];
      try {
        for (;;) {
          const heard = await hear();
          if (!heard) return all;
          all.push(...heard);
        }
      } catch {
        return all;
      }
    },
    close: () => void channel.close(),
  };
}
