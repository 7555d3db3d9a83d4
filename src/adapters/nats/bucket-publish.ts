import type { ApiError, PubAck } from "@nats-io/jetstream";
import type { Msg } from "@nats-io/transport-node";
import { type Asked, AskedMessages } from "./asked-messages.ts";
import type { NatsModules } from "./load-nats.ts";
import type { NatsLink } from "./nats-link.ts";

/** Something that is to stand in a bucket. */
export interface Publication {
  /** What the engine calls the key. */
  readonly name: string;
  readonly sealed: Uint8Array;
  /** Only if the name has this as its last sequence; 0: if there is none. */
  readonly onto?: number | undefined;
  /** The tools of NATS shall know it as a deletion. */
  readonly deletes?: boolean;
}

/**
 * Puts something into a bucket; answers with the sequence that it got, or rejects with what
 * JetStream answers.
 */
export type Publish = (publication: Publication) => Asked<number>;

/** Asks as the library does, without the timers and errors that it makes for each request. */
export function publisher(
  { jetstream, transport }: NatsModules,
  link: NatsLink,
  prefix: string,
): Publish {
  const questions = new AskedMessages(link);
  const read = (message: Msg): number => {
    const { error, seq } = message.json<Partial<PubAck> & { readonly error?: ApiError }>();
    if (error) throw new jetstream.JetStreamApiError(error);
    if (seq === undefined || !Number.isSafeInteger(seq)) throw new Error("no sequence is told");
    return seq;
  };
  return ({ name, sealed, onto, deletes }) => {
    const headers = transport.headers();
    if (onto !== undefined) headers.set("Nats-Expected-Last-Subject-Sequence", String(onto));
    if (deletes) headers.set("KV-Operation", "DEL");
    const address = `${prefix}${name}`;
    return questions.ask({ address, payload: sealed, headers, read, nobody });
  };
}

function nobody(): Error {
  return new Error("no stream takes it");
}
