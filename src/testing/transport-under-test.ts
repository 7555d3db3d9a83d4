import type { Transport } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { ChannelEnds, Ends } from "./channel-ends.ts";

/** A transport and where it may listen; its `connect` must trust its own `listen`. */
export interface TransportUnderTest {
  readonly transport: Transport;
  /** Free each time: port 0, or a name nobody uses. */
  readonly address: URL;
}

/** What the parts of the suite share. */
export interface Suite {
  /** What the running test has opened. */
  ends: Ends;
  made(): Promise<TransportUnderTest>;
  /** Both ends of a fresh path. */
  open(): Promise<ChannelEnds>;
}

/** Why the suite breaks paths. */
export const REASON: SealwireError = new SealwireError("PROTOCOL_VIOLATION", "the suite breaks it");
