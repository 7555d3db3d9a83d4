import type { Clock } from "../../core/contracts/clock.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import type { SealwireError } from "../../core/model/errors.ts";
import type { OwnNonces } from "./own-nonces.ts";
import type { Counters } from "./statistics.ts";

/** What a session needs and tells. */
export interface SessionPort {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly nonces: OwnNonces;
  send(bytes: Uint8Array, to: Endpoint): void;
  deliver(message: Uint8Array): void;
  /** Bytes that the reader has room for. */
  readonly roomBytes: number;
  /** The largest datagram that the path takes. */
  readonly datagramBytes: number;
  /** Something was acknowledged. */
  progressed(): void;
  moved(remote: Endpoint): void;
  /** The peer has said that it closes; with an error when it broke off. */
  finished(error: SealwireError | undefined): void;
  /** Nothing was heard for too long, or the peer does what cannot be gone on with. */
  lost(error: SealwireError): void;
}
