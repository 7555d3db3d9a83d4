import { connect as netConnect, type Socket } from "node:net";
import type { Channel } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { hostAndPort, showAddress } from "./address.ts";
import { tooSlow, unreachable } from "./failures.ts";
import type { TcpLimits } from "./options.ts";
import { SharedRead, type Tap } from "./shared-read.ts";
import { SocketChannel } from "./socket-channel.ts";

/** Connects and gives the channel. */
export async function connect(
  address: URL,
  signal: AbortSignal,
  limits: TcpLimits,
  reads: SharedRead,
): Promise<Channel> {
  const tap = SharedRead.supported ? reads.tap() : undefined;
  const socket = await connectSocket(address, signal, limits, tap);
  return new SocketChannel(socket, { limits, tap });
}

/** Connects and gives the socket, paused. */
export async function connectSocket(
  address: URL,
  signal: AbortSignal,
  limits: TcpLimits,
  tap?: Tap,
): Promise<Socket> {
  if (signal.aborted) throw SealwireError.from(signal.reason, "CANCELLED");
  const { host, port } = hostAndPort(address);
  const options = {
    host,
    port,
    noDelay: true,
    allowHalfOpen: true,
    writableHighWaterMark: limits.writeBufferBytes,
    ...(tap === undefined ? {} : { onread: tap.onread }),
  };
  const socket = netConnect(options).pause();
  const place = showAddress(host, port);
  const failed = (cause: Error) => unreachable(place, cause);
  await ready(socket, { event: "connect", place, signal, limits, failed });
  return socket;
}

/** What `ready` waits for. */
export interface Awaited {
  readonly event: "connect" | "secureConnect" | "secure";
  readonly place: string;
  readonly signal?: AbortSignal;
  readonly limits: Pick<TcpLimits, "connectTimeoutMs">;
  readonly failed: (cause: Error) => SealwireError;
}

/** Waits for a socket's event; on error, abort or timeout the socket is destroyed. */
export function ready(socket: Socket, awaited: Awaited): Promise<void> {
  const { event, place, signal, limits, failed } = awaited;
  return new Promise((resolve, reject) => {
    const fail = (error: SealwireError) => {
      settle();
      // Destroying can bring one more error, which nobody waits for.
      socket.on("error", () => {}).destroy();
      reject(error);
    };
    const onAbort = () => fail(SealwireError.from(signal?.reason, "CANCELLED"));
    const onError = (error: Error) => fail(failed(error));
    const onClose = () => fail(failed(new Error("closed by the other end")));
    const onReady = () => {
      settle();
      resolve();
    };
    const timer = setTimeout(
      () => fail(tooSlow(place, limits.connectTimeoutMs)),
      limits.connectTimeoutMs,
    );
    function settle(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.off(event, onReady).off("error", onError).off("close", onClose);
    }
    signal?.addEventListener("abort", onAbort);
    socket.on(event, onReady).on("error", onError).on("close", onClose);
  });
}
