import { readFileSync } from "node:fs";
import { decodeHex } from "../../src/bytes/text.ts";

/** One recorded exchange: a request and its answer. */
export interface Exchange {
  readonly name: string;
  readonly meaning: string;
  readonly request: Uint8Array;
  readonly requestText: string;
  readonly reply: string;
  /** What the original client sent, as values; calls only. */
  readonly asked?: { readonly func: string; readonly args: unknown[]; readonly kwargs: object };
}

interface Recorded {
  readonly name: string;
  readonly meaning: string;
  readonly messages: readonly {
    readonly frames_hex: readonly string[];
    readonly body_text: string;
  }[];
  readonly request?: NonNullable<Exchange["asked"]>;
}

const path = new URL("../vectors/zmq-password/exchanges.json", import.meta.url);
const recorded: {
  readonly calls: readonly Recorded[];
  readonly raw_requests: readonly Recorded[];
} = JSON.parse(readFileSync(path, "utf8"));

/** What the original client and server said to each other. */
export const CALLS: readonly Exchange[] = recorded.calls.map(exchangeOf);
/** What the original server answered to others. */
export const RAW_REQUESTS: readonly Exchange[] = recorded.raw_requests.map(exchangeOf);

function exchangeOf({ name, meaning, messages, request: asked }: Recorded): Exchange {
  const [question, answer] = messages;
  const request = decodeHex(question?.frames_hex.at(-1) ?? "") ?? new Uint8Array(0);
  const requestText = question?.body_text ?? "";
  const reply = answer?.body_text ?? "";
  return { name, meaning, request, requestText, reply, ...(asked && { asked }) };
}
