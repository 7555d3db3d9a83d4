import type { DatagramSocket, Endpoint } from "../../core/contracts/datagram-socket.ts";
import type { SealwireError } from "../../core/model/errors.ts";
import { bindUdp } from "../udp/datagram-socket.ts";
import { Link } from "./link.ts";
import type { LinkState } from "./link-state.ts";
import { type SrmudpOptions, srmudpSettings } from "./options.ts";
import { anyEndpoint, resolveEndpoint } from "./resolve-endpoint.ts";
import type { SrmudpStatistics } from "./statistics.ts";

/** How a link is opened. */
export interface OpenSrmudpOptions extends SrmudpOptions {
  /** Where the peer is expected; a name is looked up once. */
  readonly remote: Endpoint;
  /**
   * Where we are, so that the peer can send to it.
   *
   * @default any free port, of the remote's family
   */
  readonly bind?: Endpoint;
  /** A socket that is open already, such as one that has asked a STUN server; the link closes it. */
  readonly socket?: DatagramSocket;
  /** Told of each change, also of those that nobody waits for. */
  readonly onState?: (state: LinkState) => void;
}

/** A link to one peer, which greets anew after each break until it is closed. */
export interface SrmudpLink {
  readonly state: LinkState;
  readonly local: Endpoint;
  /** Where the peer is now. */
  readonly remote: Endpoint;
  /** The shortest round trip of late; `undefined` before data has flowed. */
  readonly roundTripMs: number | undefined;
  readonly statistics: SrmudpStatistics;
  /** Whole messages in order, for one reader. Ends when the link is closed. */
  readonly messages: AsyncIterable<Uint8Array>;
  /**
   * Resolves when the peer has acknowledged the message, which may be empty; the bytes must not be
   * changed before. Waits while there is no session yet.
   *
   * @throws `UNAVAILABLE` when a session or the link ended before: it may have arrived or not, and
   * is not sent again
   */
  send(message: Uint8Array): Promise<void>;
  /** Resolves when there is room for more: for those who send without waiting. */
  room(): Promise<void> | undefined;
  /**
   * Datagrams of STUN over the link's own socket, so that the address they tell is the link's.
   * Closing it closes nothing.
   */
  readonly stun: DatagramSocket;
  /** Waits until everything is acknowledged, says goodbye and closes the socket. Never rejects. */
  close(): Promise<void>;
}

/**
 * Opens a link as SRMUDP 0.0.4 speaks it: both sides know each other's address and send to it, so
 * that it does not matter who is first nor what NATs are between (as long as they can be opened).
 * Returns at once; the link waits for the peer without end.
 *
 * @throws `INVALID_ARGUMENT` for options that make no sense, `ALREADY_EXISTS` for a port in use
 */
export async function openSrmudp(options: OpenSrmudpOptions): Promise<SrmudpLink> {
  const settings = srmudpSettings(options);
  const remote = await resolveEndpoint(options.remote);
  const socket = options.socket ?? (await bindUdp(options.bind ?? anyEndpoint(remote)));
  const link = new Link(settings, {
    socket,
    remote,
    reconnect: true,
    onState(state) {
      options.onState?.(state);
      if (state.state === "closed") settings.clock.after(LINGER_MS, () => void socket.close());
    },
  });
  socket.receive((bytes, from) => link.receive(bytes, from));
  link.start();
  return facade(link, socket);
}

/** So long a peer may ask once more whether we have closed. */
const LINGER_MS = 300;

function facade(link: Link, socket: DatagramSocket): SrmudpLink {
  return {
    get state() {
      return link.state;
    },
    local: socket.address,
    get remote() {
      return link.remote;
    },
    get roundTripMs() {
      return link.roundTripMs;
    },
    get statistics() {
      return { ...link.counters };
    },
    messages: link.messages,
    send: (message) =>
      new Promise<void>((resolve, reject) => {
        link.post(message, (error?: SealwireError) => (error ? reject(error) : resolve()));
      }),
    room: () => link.room(),
    stun: {
      address: socket.address,
      send: (bytes, to) => socket.send(bytes, to),
      receive: (take) => link.receiveStun(take),
      close: () => Promise.resolve(),
    },
    async close() {
      await link.close();
      await socket.close();
    },
  };
}
