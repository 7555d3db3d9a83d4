import { SealwireError } from "../../core/model/errors.ts";
import type { Message } from "../../core/model/message.ts";
import { FRAME_TYPES, type Frame } from "./frame.ts";
import { Hold, type HoldPort } from "./hold.ts";
import type { NetconduitSettings } from "./options.ts";
import { type Content, packFrame, unpackFrame } from "./payload.ts";
import { formatEvent, parseEvent } from "./requests.ts";

/** What both ends do alike: events, heartbeats, pauses, and the moment when frames may leave. */
export class Flow {
  readonly #settings: NetconduitSettings;
  readonly #maxFrameBytes: number;
  readonly #quiet: Hold;
  readonly #paused: Hold;
  #unpackedBytes = 0;

  /** `maxFrameBytes`: of what we send; the peer does not tell what it takes. */
  constructor(settings: NetconduitSettings, maxFrameBytes: number, port: HoldPort) {
    this.#settings = settings;
    this.#maxFrameBytes = maxFrameBytes;
    this.#quiet = new Hold(port);
    this.#paused = new Hold(port);
  }

  /** Bytes that came out of the last frame, where it was compressed. */
  get unpackedBytes(): number {
    return this.#unpackedBytes;
  }

  /** Says nothing for so long, unless the peer speaks first. */
  beQuiet(ms: number): void {
    this.#quiet.hold(ms);
  }

  /** The peer has spoken, so it has read what it was waiting for. */
  heard(): void {
    this.#unpackedBytes = 0;
    if (this.#quiet.holds) this.#quiet.release();
  }

  /** The value in a frame. @throws `PROTOCOL_VIOLATION`, `TOO_LARGE` */
  unpack(frame: Frame): unknown {
    const { value, unpackedBytes } = unpackFrame(frame, this.#settings);
    this.#unpackedBytes = unpackedBytes;
    return value;
  }

  /**
   * What a frame says that means the same to both ends. All other types say nothing: acknowledgements
   * and farewells are declared by the original, and neither sent nor heeded.
   */
  receive(frame: Frame): readonly Message[] {
    switch (frame.type) {
      case FRAME_TYPES.message: {
        const event = parseEvent(this.unpack(frame));
        return event ? [event] : NOTHING_SAID;
      }
      case FRAME_TYPES.ping:
        return PING_SAID;
      case FRAME_TYPES.pong:
        return PONG_SAID;
      case FRAME_TYPES.pause:
        this.#paused.hold(this.#settings.maxPauseMs);
        return NOTHING_SAID;
      case FRAME_TYPES.resume:
        this.#paused.release();
        return NOTHING_SAID;
      default:
        return NOTHING_SAID;
    }
  }

  /**
   * The frames of a batch that may leave now. Heartbeats leave during a pause too: a peer that asked
   * for one still counts them.
   *
   * @throws `INVALID_ARGUMENT`, `TOO_LARGE` for a message without a form, before anything changes
   */
  send(contents: readonly Content[]): readonly Uint8Array[] {
    const frames = contents.map((each) => this.#pack(each));
    if (!this.#paused.holds) return this.#quiet.pass(this.#paused.pass(frames));
    const urgent = frames.filter((_, at) => isHeartbeat(contents[at]));
    const others = frames.filter((_, at) => !isHeartbeat(contents[at]));
    return this.#quiet.pass([...urgent, ...this.#paused.pass(others)]);
  }

  /** Whether all of it has a form, without sending it. @throws as `send` */
  check(contents: readonly Content[]): void {
    for (const each of contents) this.#pack(each);
  }

  /** The same as an answer. */
  fits(content: Content): boolean {
    try {
      this.#pack(content);
      return true;
    } catch {
      // Why does not matter: there is another form, which has been checked.
      return false;
    }
  }

  #pack(content: Content): Uint8Array {
    return packFrame(content, this.#settings, this.#maxFrameBytes);
  }
}

/** Whether this leaves at all times. */
export function isHeartbeat(content: Content | undefined): boolean {
  return content?.type === FRAME_TYPES.ping || content?.type === FRAME_TYPES.pong;
}

/** What both ends say alike. @throws `UNSUPPORTED` for what this wire cannot say */
export function plainContent(message: Message): Content {
  switch (message.kind) {
    case "event":
      return { type: FRAME_TYPES.message, value: formatEvent(message.name, message.data) };
    case "ping":
      return { type: FRAME_TYPES.ping };
    case "pong":
      return { type: FRAME_TYPES.pong };
    default:
      throw new SealwireError("UNSUPPORTED", `netconduit cannot carry this: ${message.kind}`);
  }
}

const NOTHING_SAID: readonly Message[] = Object.freeze([]);
const PING_SAID: readonly Message[] = Object.freeze([Object.freeze({ kind: "ping" } as const)]);
const PONG_SAID: readonly Message[] = Object.freeze([Object.freeze({ kind: "pong" } as const)]);
