import { SealwireError } from "../../core/model/errors.ts";
import { BOX_NONCE_BYTES, type BoxCrypto } from "../../crypto/box.ts";
import { TAG_BYTES } from "../../crypto/provider.ts";
import { commandName } from "./commands.ts";
import { type NonceCounter, type NonceGuard, nonceOf, SHORT_NONCE_BYTES } from "./curve-nonces.ts";
import { violation } from "./failures.ts";
import { COMMAND, frameHeader, MORE } from "./frames.ts";

/** What two peers of CURVE share after their greeting. */
export interface CurveShared {
  readonly crypto: BoxCrypto;
  /** The public key of the other end, which it has proven to have the secret of. */
  readonly remoteKey: Uint8Array;
  /** Made of the keys that both made for this connection alone. */
  readonly key: Uint8Array;
  readonly counter: NonceCounter;
  readonly guard: NonceGuard;
  readonly side: "client" | "server";
}

const MESSAGE: Uint8Array = commandName("MESSAGE");
const BOX_AT = MESSAGE.length + SHORT_NONCE_BYTES;
const SHORT_NONCE_AT = BOX_NONCE_BYTES - SHORT_NONCE_BYTES;
/** The words that tell the boxes of both directions apart, so that none can be sent back. */
const WORDS = Object.freeze({ client: "CurveZMQMESSAGEC", server: "CurveZMQMESSAGES" });
/** Inside a box this flag says that it is a command; outside it is another. */
const SEALED_COMMAND = 0x02;

/** Seals and opens the parts of messages, and commands (RFC 26, "MESSAGE command"). */
export class CurveSession {
  readonly remoteKey: Uint8Array;
  /** What a sealed part is longer than a plain one. */
  readonly addedBytes: number = BOX_AT + TAG_BYTES + 1;
  /** `MORE` and `COMMAND` of what was opened last; those outside the box are not believed. */
  flags = 0;
  readonly #shared: CurveShared;
  readonly #sentNonce: Uint8Array;
  readonly #receivedNonce: Uint8Array;

  constructor(shared: CurveShared) {
    const { side } = shared;
    const none = new Uint8Array(SHORT_NONCE_BYTES);
    this.#shared = shared;
    this.remoteKey = shared.remoteKey;
    this.#sentNonce = nonceOf(WORDS[side], none);
    this.#receivedNonce = nonceOf(WORDS[side === "client" ? "server" : "client"], none);
  }

  /** Puts the frame of a part, or of a command, behind the others. */
  seal(part: Uint8Array, flags: number, frames: Uint8Array[]): void {
    const { crypto, key, counter } = this.#shared;
    const plaintext = new Uint8Array(1 + part.length);
    plaintext[0] = (flags & COMMAND) === 0 ? flags : SEALED_COMMAND;
    plaintext.set(part, 1);
    const short = counter.next();
    this.#sentNonce.set(short, SHORT_NONCE_AT);
    const box = crypto.sealBox(key, this.#sentNonce, plaintext);
    const header = frameHeader(0, box.length, BOX_AT);
    header.set(MESSAGE, header.length - BOX_AT);
    header.set(short, header.length - SHORT_NONCE_BYTES);
    frames.push(header, box);
  }

  /**
   * The part inside a frame; `flags` tells what it is.
   *
   * @throws `PROTOCOL_VIOLATION` for what is no box, or one that was here before;
   *   `RECORD_REJECTED` for one that was changed on its way
   */
  open(content: Uint8Array): Uint8Array {
    const { crypto, key, guard } = this.#shared;
    if (content.length < this.addedBytes || !MESSAGE.every((byte, at) => byte === content[at])) {
      throw violation(`${content.length} bytes that are not sealed`, "a MESSAGE");
    }
    const short = content.subarray(MESSAGE.length, BOX_AT);
    this.#receivedNonce.set(short, SHORT_NONCE_AT);
    const plaintext = crypto.openBox(key, this.#receivedNonce, content.subarray(BOX_AT));
    if (plaintext === undefined) throw changed();
    guard.pass(short);
    const [flags = 0] = plaintext;
    this.flags = (flags & SEALED_COMMAND) === 0 ? flags & MORE : COMMAND;
    return plaintext.subarray(1);
  }
}

function changed(): SealwireError {
  const message = "a box did not open: it was changed on its way, or sealed with another key";
  return new SealwireError("RECORD_REJECTED", message);
}
