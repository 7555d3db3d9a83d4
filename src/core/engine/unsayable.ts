import type { SealwireError } from "../model/errors.ts";
import type { Message } from "../model/message.ts";
import type { IncomingCalls } from "./incoming-calls.ts";
import type { OutgoingCalls } from "./outgoing-calls.ts";

/**
 * Settles what a message that cannot be put into the wire's form belonged to. Returns what the
 * peer is told instead, if it waits for something.
 */
export function settleUnsayable(
  message: Message,
  error: SealwireError,
  outgoing: OutgoingCalls,
  incoming: IncomingCalls,
): Message | undefined {
  switch (message.kind) {
    case "call":
      outgoing.refuse(message.id, error, false);
      return undefined;
    case "item":
      outgoing.refuse(message.id, error, true);
      incoming.refuse(message.id, error);
      return undefined;
    case "result": {
      const sentence = `the answer cannot be sent: ${error.message}`;
      return { kind: "error", id: message.id, failure: { code: "INTERNAL", message: sentence } };
    }
    case "error": {
      const { code } = message.failure;
      const sentence = shortened(message.failure.message);
      return { kind: "error", id: message.id, failure: { code, message: sentence } };
    }
    default:
      return undefined;
  }
}

/** What could not be sent may have been the sentence itself. */
const MAX_SENTENCE_LENGTH = 1_000;

function shortened(sentence: string): string {
  if (sentence.length <= MAX_SENTENCE_LENGTH) return sentence;
  return `${sentence.slice(0, MAX_SENTENCE_LENGTH)}…`;
}
