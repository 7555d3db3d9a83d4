import { join } from "../bytes/join.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { CipherState } from "./cipher-state.ts";
import { generateKeyPair, type KeyPair } from "./keys.ts";
import { failed, malformed, outOfTurn } from "./noise-errors.ts";
import { checkNoiseOptions, type NoiseOptions } from "./noise-options.ts";
import type { NoisePattern, Token } from "./noise-patterns.ts";
import { KEY_BYTES, TAG_BYTES } from "./provider.ts";
import { SymmetricState } from "./symmetric-state.ts";

/** What a handshake leaves behind. */
export interface NoiseResult {
  readonly send: CipherState;
  readonly receive: CipherState;
  /** Names this one handshake: what is bound to it holds on no other channel (section 11.2). */
  readonly handshakeHash: Uint8Array;
  /** A secret of both sides from which further keys can be derived. */
  readonly chainingKey: Uint8Array;
}

/** The longest handshake message there may be (section 3). */
const MAX_NOISE_MESSAGE_BYTES = 65_535;

/**
 * One side of a handshake of the Noise Protocol Framework, revision 34, with the suite
 * `25519_ChaChaPoly_SHA256`. Write and read in turns until `finished`, then `split`. After any
 * failure it is of no further use.
 */
export class NoiseHandshake {
  readonly #options: NoiseOptions;
  readonly #pattern: NoisePattern;
  readonly #state: SymmetricState;
  readonly #psks: Uint8Array[];
  #ephemeral: KeyPair | undefined;
  #remoteEphemeral: Uint8Array | undefined;
  #remoteStatic: Uint8Array | undefined;
  #done = 0;
  #phase: "idle" | "busy" | "failed" | "split" = "idle";

  /** @throws `INVALID_ARGUMENT` when a key that the pattern needs is missing or has no 32 bytes */
  constructor(options: NoiseOptions) {
    this.#options = options;
    this.#pattern = options.pattern;
    checkNoiseOptions(options);
    this.#psks = [...(options.psks ?? [])];
    this.#ephemeral = options.ephemeralKeys;
    this.#remoteStatic = options.remoteStatic;
    this.#state = new SymmetricState(options.provider, `Noise_${this.#pattern.name}_${SUITE}`);
    this.#state.mixHash(options.prologue);
    this.#mixKnownKeys();
  }

  /** Whether all messages of the pattern have been exchanged. */
  get finished(): boolean {
    return this.#phase !== "failed" && this.#done === this.#pattern.messages.length;
  }

  /** The static public key of the other side, once it is known. */
  get remoteStatic(): Uint8Array | undefined {
    return this.#remoteStatic;
  }

  /**
   * Our next message, with `payload` inside: readable by all in the first messages of most
   * patterns, sealed later.
   *
   * @throws `HANDSHAKE_FAILED` when it is not our turn; `TOO_LARGE` when the message would pass
   *   65535 bytes
   */
  async writeMessage(payload: Uint8Array): Promise<Uint8Array> {
    return this.#step(true, async (tokens) => {
      const parts: Uint8Array[] = [];
      for (const token of tokens) {
        if (token === "e") parts.push(await this.#writeEphemeral());
        else if (token === "s") parts.push(this.#writeStatic());
        else await this.#mix(token);
      }
      parts.push(this.#state.encryptAndHash(payload));
      const message = join(parts);
      if (message.length > MAX_NOISE_MESSAGE_BYTES) throw tooLong(message.length);
      return message;
    });
  }

  /**
   * Their next message; answers with the payload.
   *
   * @throws `HANDSHAKE_FAILED` when it is not their turn or the message is not what the pattern
   *   and the keys demand
   */
  async readMessage(message: Uint8Array): Promise<Uint8Array> {
    return this.#step(false, async (tokens) => {
      if (message.length > MAX_NOISE_MESSAGE_BYTES) throw malformed();
      let at = 0;
      const take = (length: number) => {
        if (at + length > message.length) throw malformed();
        at += length;
        return message.subarray(at - length, at);
      };
      for (const token of tokens) {
        if (token === "e") this.#readEphemeral(take(KEY_BYTES));
        else if (token === "s") this.#readStatic(take);
        else await this.#mix(token);
      }
      return this.#state.decryptAndHash(message.subarray(at));
    });
  }

  /**
   * The ciphers of the two directions; once, after the last message.
   *
   * @throws `HANDSHAKE_FAILED` before that, and when called again
   */
  split(): NoiseResult {
    if (!this.finished || this.#phase !== "idle") {
      throw new SealwireError("HANDSHAKE_FAILED", "a handshake is split once, when it is finished");
    }
    this.#phase = "split";
    const [first, second] = this.#state.split();
    const result = {
      send: this.#options.initiator ? first : second,
      receive: this.#options.initiator ? second : first,
      handshakeHash: new Uint8Array(this.#state.hash),
      chainingKey: new Uint8Array(this.#state.chainingKey),
    };
    this.#wipe();
    return result;
  }

  /** Runs one message; a failure ends the handshake, as the state is then half changed. */
  async #step(
    write: boolean,
    run: (tokens: readonly Token[]) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const tokens = this.#pattern.messages[this.#done];
    const ourTurn = (this.#done % 2 === 0) === this.#options.initiator;
    if (this.#phase !== "idle" || tokens === undefined || ourTurn !== write) throw outOfTurn();
    this.#phase = "busy";
    try {
      const result = await run(tokens);
      this.#done++;
      this.#phase = "idle";
      return result;
    } catch (cause) {
      this.#phase = "failed";
      this.#wipe();
      throw failed(cause);
    }
  }

  /** Section 5.3: what both sides know beforehand goes into the hash, the initiator's key first. */
  #mixKnownKeys(): void {
    const { initiator, staticKeys } = this.#options;
    const { known } = this.#pattern;
    const ours = staticKeys?.publicKey ?? NOTHING;
    const theirs = this.#remoteStatic ?? NOTHING;
    if (known.initiator) this.#state.mixHash(initiator ? ours : theirs);
    if (known.responder) this.#state.mixHash(initiator ? theirs : ours);
  }

  async #writeEphemeral(): Promise<Uint8Array> {
    this.#ephemeral ??= await generateKeyPair(this.#options.provider);
    const { publicKey } = this.#ephemeral;
    this.#mixEphemeral(publicKey);
    return publicKey;
  }

  #readEphemeral(publicKey: Uint8Array): void {
    this.#remoteEphemeral = new Uint8Array(publicKey);
    this.#mixEphemeral(publicKey);
  }

  /** Where pre-shared keys are used, ephemeral keys are mixed in twice (section 9.2). */
  #mixEphemeral(publicKey: Uint8Array): void {
    this.#state.mixHash(publicKey);
    if (this.#pattern.psks > 0) this.#state.mixKey(publicKey);
  }

  #writeStatic(): Uint8Array {
    return this.#state.encryptAndHash(present(this.#options.staticKeys).publicKey);
  }

  #readStatic(take: (length: number) => Uint8Array): void {
    const length = KEY_BYTES + (this.#state.sealed ? TAG_BYTES : 0);
    this.#remoteStatic = this.#state.decryptAndHash(take(length));
  }

  async #mix(token: Exclude<Token, "e" | "s">): Promise<void> {
    if (token === "psk") return this.#state.mixKeyAndHash(present(this.#psks.shift()));
    const shared = await this.#agree(token);
    this.#state.mixKey(shared);
    shared.fill(0);
  }

  /** The first letter says which of the initiator's keys is used, the second which responder's. */
  #agree(token: "ee" | "es" | "se" | "ss"): Uint8Array | Promise<Uint8Array> {
    const [initiators, responders] = [token[0], token[1]];
    const [ours, theirs] = this.#options.initiator
      ? [initiators, responders]
      : [responders, initiators];
    const keys = present(ours === "e" ? this.#ephemeral : this.#options.staticKeys);
    const remote = present(theirs === "e" ? this.#remoteEphemeral : this.#remoteStatic);
    return this.#options.provider.agree(keys.secretKey, remote);
  }

  #wipe(): void {
    this.#state.wipe();
    // Keys that were handed in belong to whoever did.
    if (this.#options.ephemeralKeys === undefined) this.#ephemeral?.secretKey.fill(0);
  }
}

const SUITE = "25519_ChaChaPoly_SHA256";
const NOTHING: Uint8Array = new Uint8Array();

function present<Value>(value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw new SealwireError("INTERNAL", "a key of the handshake is not there");
}

function tooLong(bytes: number): SealwireError {
  return new SealwireError(
    "TOO_LARGE",
    `a handshake message of ${bytes} bytes; at most ${MAX_NOISE_MESSAGE_BYTES} are taken`,
  );
}
