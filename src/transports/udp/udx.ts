import { createRequire } from "node:module";
import { SealwireError } from "../../core/model/errors.ts";
import { loadLandIn, otherMake, type UdxLanding } from "./udx-landing.ts";

/** The part of `udx-native` that is used here; it brings no types of its own. */
export interface Udx {
  createSocket(): UdxSocket;
  createStream(id: number, options: UdxStreamOptions): UdxStream;
}

/** What a stream of udx is made of. */
export interface UdxStreamOptions {
  /** Whether to keep out a packet that names the stream but came by another socket than its own. */
  firewall(): boolean;
  /** Where the bytes go that arrive. */
  readonly landing: UdxLanding;
}

/** A UDP socket that udx reads; what is not of a stream comes as a message. */
export interface UdxSocket {
  bind(port: number, host: string): void;
  address(): UdxAddress;
  setRecvBufferSize(bytes: number): void;
  setSendBufferSize(bytes: number): void;
  trySend(bytes: Uint8Array, port: number, host: string, ttl?: number): void;
  on(event: "message", take: (bytes: Uint8Array, from: UdxAddress) => void): this;
  close(): Promise<void>;
}

/** Where a socket is, or a datagram came from; IPv4 peers of a dual-stack socket show as IPv4. */
export interface UdxAddress {
  readonly host: string;
  readonly port: number;
}

/** A reliable stream of bytes; a duplex stream of `streamx`. */
export interface UdxStream {
  readonly packetsReceived: number;
  readonly inflight: number;
  /** In milliseconds; 0 before it is known. */
  readonly rtt: number;
  /** What BBR has found, in bytes a second. */
  readonly bbrBandwidth: number;
  readonly destroying: boolean;
  connect(socket: UdxSocket, remoteId: number, port: number, host: string): void;
  changeRemote(
    socket: UdxSocket,
    remoteId: number,
    port: number,
    host: string,
  ): Promise<void> | null | undefined;
  write(bytes: Uint8Array): boolean;
  end(): void;
  destroy(): void;
  on(event: "end" | "drain" | "close", told: () => void): this;
  on(event: "error", told: (error: Error) => void): this;
}

/**
 * Sends a stream elsewhere. udx can be told so again before the last packet at the old place is
 * acknowledged; only its JavaScript would refuse, and a stream would be stuck on a dead path.
 * Resolves when what was sent to the old place has been acknowledged, rejects when the stream ends.
 */
export async function changeRemote(
  stream: UdxStream,
  socket: UdxSocket,
  remoteId: number,
  { host, port }: UdxAddress,
): Promise<void> {
  if (stream.destroying) return;
  const previous: unknown = Reflect.get(stream, "_previousSocket");
  if (Reflect.get(stream, "_remoteChanging") !== null && previous !== null) {
    releaseSocket(previous, stream);
  }
  Reflect.set(stream, "_remoteChanging", null);
  await stream.changeRemote(socket, remoteId, port, host);
}

/** A socket with streams does not close. */
function releaseSocket(socket: unknown, stream: UdxStream): void {
  if (typeof socket !== "object" || socket === null || !("streams" in socket)) return;
  if (socket.streams instanceof Set) socket.streams.delete(stream);
}

/**
 * An instance of `udx-native`. Streams can move between sockets of the same instance only.
 *
 * @throws `UNSUPPORTED` where the package is not installed or has no binary for this machine
 */
export function createUdx(): Udx {
  const Library = loadUdx();
  const udx = new Library();
  const landIn = loadLandIn();
  return {
    createSocket: () => udx.createSocket(),
    createStream(id, { firewall, landing }) {
      const stream = udx.createStream(id, { firewall });
      landIn(stream, landing);
      return stream;
    },
  };
}

/** As the library makes them. */
interface Library {
  createSocket(): UdxSocket;
  createStream(id: number, options: Pick<UdxStreamOptions, "firewall">): UdxStream;
}

function loadUdx(): new () => Library {
  try {
    const loaded: unknown = createRequire(import.meta.url)("udx-native");
    if (isLibrary(loaded)) return loaded;
  } catch (cause) {
    const message = "udp:// needs the package udx-native; install it with: npm install udx-native";
    throw new SealwireError("UNSUPPORTED", message, { cause });
  }
  throw otherMake();
}

function isLibrary(loaded: unknown): loaded is new () => Library {
  if (typeof loaded !== "function") return false;
  const prototype: unknown = loaded.prototype;
  return (
    typeof prototype === "object" &&
    prototype !== null &&
    "createSocket" in prototype &&
    "createStream" in prototype
  );
}
