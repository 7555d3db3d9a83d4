import type { DatagramSocket, Endpoint } from "../../core/contracts/datagram-socket.ts";
import type { SealwireError } from "../../core/model/errors.ts";
import type { Mailbox } from "./mailbox.ts";
import type { SrmudpSettings } from "./options.ts";
import type { OwnNonces } from "./own-nonces.ts";
import { PathSize } from "./path-size.ts";
import type { Box } from "./sealed-box.ts";
import { Session } from "./session.ts";
import type { Counters } from "./statistics.ts";

/** What runs once a key is agreed. */
export interface EstablishedPort {
  readonly socket: DatagramSocket;
  readonly settings: SrmudpSettings;
  readonly mailbox: Mailbox;
  readonly nonces: OwnNonces;
  readonly counters: Counters;
  progressed(): void;
  moved(to: Endpoint): void;
  finished(error: SealwireError | undefined): void;
  lost(error: SealwireError): void;
}

/** A session and the search for the size of its path. */
export interface Established {
  readonly session: Session;
  readonly pathSize: PathSize;
}

/** Begins a session with a peer that was seen at this place. */
export function established(box: Box, remote: Endpoint, port: EstablishedPort): Established {
  const { socket, mailbox } = port;
  const { clock } = port.settings;
  const session: Session = new Session(box, remote, mailbox.outbox, port.settings, {
    clock,
    counters: port.counters,
    nonces: port.nonces,
    send: (bytes, to) => socket.send(bytes, to),
    deliver: (message) => void mailbox.received.put(message),
    get roomBytes() {
      return mailbox.roomBytes;
    },
    get datagramBytes() {
      return pathSize.bytes;
    },
    progressed: () => port.progressed(),
    moved: (to) => port.moved(to),
    finished: (error) => port.finished(error),
    lost: (error) => port.lost(error),
  });
  const pathSize: PathSize = new PathSize({
    clock,
    send: (bytes) => socket.send(bytes, session.remote),
    settled: () => session.open(),
  });
  for (const ms of SHOW_AGAIN_AFTER_MS) clock.after(ms, () => session.show());
  return { session, pathSize };
}

/** An original that is not ready yet drops the first signs of life. */
const SHOW_AGAIN_AFTER_MS: readonly number[] = [150, 450];
