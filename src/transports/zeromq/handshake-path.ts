import { ByteQueue } from "../../bytes/byte-queue.ts";
import type { Channel } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type Command, commandFrame, formatError, parseCommand, parseError } from "./commands.ts";
import { greetingFailed, violation } from "./failures.ts";
import { COMMAND, FrameReader } from "./frames.ts";

/** A channel while its two ends greet each other: bytes and commands, one at a time, bounded. */
export class HandshakePath {
  readonly channel: Channel;
  /** What arrives, also after the greeting: requests may come in its last segment. */
  readonly chunks: AsyncIterator<Uint8Array>;
  readonly received: ByteQueue = new ByteQueue();
  /** Whether the peer was told why we do not go on, so that it may read it before the end. */
  told = false;
  /** Why we gave up waiting ourselves. */
  ended: SealwireError | undefined;
  readonly #frames: FrameReader;
  #leftBytes: number;

  constructor(channel: Channel, maxHandshakeBytes: number) {
    this.channel = channel;
    this.chunks = channel[Symbol.asyncIterator]();
    this.#leftBytes = maxHandshakeBytes;
    this.#frames = new FrameReader(this.received, maxHandshakeBytes, "maxHandshakeBytes");
  }

  get remote(): string {
    return this.channel.remote;
  }

  write(bytes: Uint8Array): void {
    void this.channel.write([bytes]);
  }

  /** Sends one command. */
  tell(content: Uint8Array): void {
    this.write(commandFrame(content));
  }

  /** The next bytes, of which there must be so many. */
  async bytes(count: number): Promise<Uint8Array> {
    this.#leftBytes -= count;
    while (this.received.length < count) await this.#more();
    return this.received.take(count);
  }

  /**
   * The data of the next command, which must have this name.
   *
   * @throws `HANDSHAKE_FAILED` when the peer says why it does not go on
   */
  async command(name: string): Promise<Uint8Array> {
    const command = await this.#next();
    if (command.name === name) return command.data;
    if (command.name !== "ERROR") throw violation(`the command ${command.name}`, name);
    const why = parseError(command.data);
    throw greetingFailed(this.remote, `it refuses us (${why}); are keys and socket types right?`);
  }

  /** Says why we do not go on, and gives the error for our own side. */
  refuse(reason: string, why: string): SealwireError {
    this.tell(formatError(reason));
    this.told = true;
    return new SealwireError("HANDSHAKE_FAILED", `${this.remote} was refused: ${why}`);
  }

  async #next(): Promise<Command> {
    for (;;) {
      this.#frames.maxFrameBytes = this.#leftBytes;
      const content = this.#frames.next();
      if (content === undefined) {
        await this.#more();
        continue;
      }
      this.#leftBytes -= content.length;
      // The original libzmq closes a peer that sends a message before the greeting is over.
      if (this.#frames.flags !== COMMAND) throw violation("a message", "a command of the greeting");
      return parseCommand(content);
    }
  }

  async #more(): Promise<void> {
    const { done, value } = await this.chunks.next().catch((cause: unknown) => {
      throw this.#left(cause);
    });
    if (done === true) throw this.#left();
    this.received.push(value);
  }

  /** Peers that refuse a greeting just leave, with a reset where something was not read yet. */
  #left(cause?: unknown): SealwireError {
    const why = "it closed during the greeting; are keys and socket types right?";
    return greetingFailed(this.remote, why, cause);
  }
}
