import { decodeUtf8 } from "../../bytes/text.ts";
import { readPlainBase64 } from "./base64.ts";
import type { Request } from "./messages.ts";

/** A request with its box. */
type Envelope = Extract<Request, { readonly cipher: unknown }>;

/**
 * All that stands in an envelope before its box: the same in each request of a client. One that
 * begins alike and holds plain base64 up to the end needs no JSON to be read, which for large
 * calls is most of the work.
 */
export class EnvelopeHead {
  #head: Uint8Array | undefined;
  #clientKey: Uint8Array | undefined;

  /** What such an envelope says; `undefined` when it has to be parsed. */
  read(frame: Uint8Array): Envelope | undefined {
    const [head, clientKey] = [this.#head, this.#clientKey];
    if (!head || !clientKey || !startsWith(frame, head) || !endsHere(frame)) return undefined;
    const cipher = readPlainBase64(frame.subarray(head.length, -TAIL_BYTES));
    return cipher && { type: "RPC", clientKey, cipher };
  }

  /** Learns the head of an envelope that was parsed, if its box stands last. */
  remember(frame: Uint8Array, { clientKey, cipher }: Envelope): void {
    if (typeof cipher !== "string" || !endsHere(frame)) return;
    const start = frame.length - TAIL_BYTES - cipher.length;
    const letters = frame.subarray(start, -TAIL_BYTES);
    // Escapes and letters beyond ASCII would make the two differ in length or kind.
    const same = letters.every((letter, at) => letter === cipher.charCodeAt(at));
    const named = /"cipher"\s*:\s*"$/.test(decodeUtf8(frame.subarray(0, start)) ?? "");
    if (!named || !same) return;
    this.#head = frame.slice(0, start);
    this.#clientKey = clientKey;
  }
}

function startsWith(frame: Uint8Array, head: Uint8Array): boolean {
  if (frame.length < head.length + TAIL_BYTES) return false;
  for (let at = 0; at < head.length; at += 1) if (frame[at] !== head[at]) return false;
  return true;
}

function endsHere(frame: Uint8Array): boolean {
  return frame.at(-2) === QUOTE && frame.at(-1) === CLOSE_BRACE;
}

const TAIL_BYTES = 2;
const QUOTE = 0x22;
const CLOSE_BRACE = 0x7d;
