import type { Clock } from "../../core/contracts/clock.ts";
import { Alarm } from "./alarm.ts";

/** What finding the path's size needs and tells. */
export interface PathSizePort {
  readonly clock: Clock;
  send(bytes: Uint8Array): void;
  /** Both sides know their size and have nothing more to say about it. */
  settled(): void;
}

/**
 * The phase after the handshake in which both sides probe how large a datagram may be: probes of
 * `#`, the first as large as Ethernet allows, then smaller; who sees a probe smaller than one
 * before tells the size of the largest, in four bytes.
 *
 * An original that misses this phase waits five seconds for it and loses what is sent meanwhile.
 */
export class PathSize {
  readonly #port: PathSizePort;
  readonly #alarm: Alarm;
  readonly #startedMs: number;
  #nextProbeBytes = LARGEST_BYTES;
  #nextProbeMs: number;
  #ownBytes: number | undefined;
  #largestSeen = 0;
  #told = 0;
  #quietSinceMs: number;
  #over = false;

  constructor(port: PathSizePort) {
    this.#port = port;
    this.#alarm = new Alarm(port.clock, () => this.#tick());
    this.#startedMs = port.clock.now();
    this.#nextProbeMs = this.#startedMs;
    this.#quietSinceMs = this.#startedMs;
    this.#tick();
  }

  /** The largest datagram to send, as far as it is known. */
  get bytes(): number {
    return this.#ownBytes ?? FALLBACK_BYTES;
  }

  /** Takes the peer's probe of so many bytes. */
  probe(bytes: number): void {
    this.#quietSinceMs = this.#port.clock.now();
    if (bytes >= this.#largestSeen) {
      this.#largestSeen = bytes;
      return;
    }
    if (this.#told >= MOST_NOTICES) return;
    this.#told += 1;
    const notice = new Uint8Array(NOTICE_BYTES);
    new DataView(notice.buffer).setUint32(0, this.#largestSeen, true);
    this.#port.send(notice);
  }

  /** Takes the peer's notice; says whether it can be true. */
  notice(bytes: Uint8Array): boolean {
    const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0, true);
    // Only a size that was probed can have arrived: anybody can send four bytes.
    const probed = size > this.#nextProbeBytes && size <= LARGEST_BYTES;
    if (this.#over || !probed || (LARGEST_BYTES - size) % STEP_BYTES !== 0) return false;
    this.#quietSinceMs = this.#port.clock.now();
    this.#ownBytes = Math.max(size, this.#ownBytes ?? 0);
    return true;
  }

  stop(): void {
    this.#over = true;
    this.#alarm.stop();
  }

  #tick(): void {
    const nowMs = this.#port.clock.now();
    const exhausted = nowMs - this.#startedMs >= LONGEST_MS;
    const done = this.#ownBytes !== undefined && this.#told > 0;
    if (exhausted || (done && nowMs - this.#quietSinceMs >= QUIET_MS)) {
      if (this.#ownBytes === undefined && this.#largestSeen > SMALLEST_BYTES) {
        this.#ownBytes = Math.max(SMALLEST_BYTES, this.#largestSeen - 48);
      }
      this.stop();
      this.#port.settled();
      return;
    }
    if (nowMs >= this.#nextProbeMs) this.#probe(nowMs);
    this.#alarm.by(nowMs + PAUSE_MS);
  }

  #probe(nowMs: number): void {
    this.#nextProbeMs = nowMs + PAUSE_MS;
    if (this.#ownBytes !== undefined || this.#nextProbeBytes <= SMALLEST_BYTES) return;
    this.#port.send(new Uint8Array(this.#nextProbeBytes).fill(PROBE_BYTE));
    this.#nextProbeBytes -= STEP_BYTES;
  }
}

/** Whether a datagram is a probe: nothing but `#`, which no sealed packet is but by a miracle. */
export function isProbe(bytes: Uint8Array): boolean {
  if (bytes[0] !== PROBE_BYTE || bytes.length <= NOTICE_BYTES) return false;
  return bytes.length <= LARGEST_PROBE_BYTES && bytes.every((byte) => byte === PROBE_BYTE);
}

/** Bytes of a notice. */
export const NOTICE_BYTES = 4;

const PROBE_BYTE = 0x23;
/** What is left of 1500 bytes of Ethernet after the headers of IPv4 and UDP. */
const LARGEST_BYTES = 1_472;
/** Jumbo frames: a probe of an original that was changed to use them. */
const LARGEST_PROBE_BYTES = 9_000;
const SMALLEST_BYTES = 1_024;
const STEP_BYTES = 16;
const FALLBACK_BYTES = 1_400;
/** An original counts each silence of so long as a round, and ends after one that follows a notice. */
const PAUSE_MS = 50;
const QUIET_MS = 70;
const LONGEST_MS = 5_500;
const MOST_NOTICES = 100;
