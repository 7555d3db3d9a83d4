import { Socket } from "node:net";
import { createSecureContext, type SecureVersion, TLSSocket } from "node:tls";
import type { Layer } from "../../core/contracts/layer.ts";
import type { Channel } from "../../core/contracts/transport.ts";
import { systemCode } from "../../core/engine/system-errors.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { acceptCertified, checkAuthority } from "./client-certificates.ts";
import { ready } from "./connect.ts";
import { handshakeFailed, tooSlow } from "./failures.ts";
import { type TcpLimits, type TcpOptions, tcpLimits } from "./options.ts";
import { SocketChannel } from "./socket-channel.ts";

/** What the accepting side of TLS shows. */
export interface TlsLayerOptions extends TcpOptions {
  /** The certificate chain, in PEM. */
  readonly cert: string | Uint8Array;
  /** Its private key, in PEM. */
  readonly key: string | Uint8Array;
  /**
   * The oldest version spoken. `TLSv1.2` only for peers that know no better.
   *
   * @default "TLSv1.3"
   */
  readonly minVersion?: SecureVersion;
  /**
   * Certificates that sign those of clients, in PEM. With it a client has to show one of these;
   * all others are refused in the handshake.
   *
   * @default clients show none
   */
  readonly clientCa?: string;
}

/**
 * TLS (RFC 8446) on a port shared with others. The handshake has `connectTimeoutMs`.
 *
 * @throws `INVALID_ARGUMENT` when certificate and key cannot be used.
 */
export function tlsLayer(options: TlsLayerOptions): Layer {
  const limits = tcpLimits(options);
  const accept = options.clientCa === undefined ? toAnybody(options, limits) : toCertified(options);
  return {
    name: "tls",
    recognizes: startsTls,
    async accept(channel, head) {
      const socket = await accept(socketOf(channel, head), channel.remote);
      return new SocketChannel(socket, { limits, protection: protectionOf(socket) });
    },
  };
}

/** Goes on with TLS on a socket. @throws `HANDSHAKE_FAILED`, `UNAVAILABLE` */
type Accept = (socket: Socket, place: string) => Promise<TLSSocket>;

function toAnybody(options: TlsLayerOptions, limits: TcpLimits): Accept {
  const secureContext = contextOf(options);
  const secured = { isServer: true, secureContext, highWaterMark: limits.writeBufferBytes };
  return async (outer, place) => {
    const socket = new TLSSocket(outer, secured);
    const failed = (cause: Error) => handshakeFailed(place, cause);
    await ready(socket, { event: "secure", place, limits, failed });
    return socket;
  };
}

function toCertified(options: TlsLayerOptions): Accept {
  const { cert, key, clientCa = "", minVersion = "TLSv1.3" } = options;
  const { connectTimeoutMs, writeBufferBytes } = tcpLimits(options);
  // What cannot be used is told now, and not to the first who comes.
  contextOf(options);
  checkAuthority(clientCa);
  const secured = {
    ...{ cert: pem(cert), key: pem(key), ca: clientCa, minVersion },
    ...{ handshakeTimeout: connectTimeoutMs, highWaterMark: writeBufferBytes },
  };
  return (outer, place) =>
    acceptCertified(outer, secured, (cause) =>
      systemCode(cause) === "ERR_TLS_HANDSHAKE_TIMEOUT"
        ? tooSlow(place, connectTimeoutMs)
        : handshakeFailed(place, cause),
    );
}

/** What a secured socket is protected by. */
export function protectionOf(socket: TLSSocket): { readonly by: string } {
  return { by: socket.getProtocol() ?? "TLS" };
}

/** A handshake record of any version: RFC 8446 section 5.1. */
function startsTls(head: Uint8Array): boolean | undefined {
  if (head.length === 0) return undefined;
  if (head[0] !== 0x16) return false;
  return head.length < 2 ? undefined : head[1] === 0x03;
}

function contextOf({ cert, key, minVersion = "TLSv1.3" }: TlsLayerOptions) {
  try {
    return createSecureContext({ cert: pem(cert), key: pem(key), minVersion });
  } catch (cause) {
    const message = "cert and key cannot be used; expected a chain and its own key, both in PEM";
    throw new SealwireError("INVALID_ARGUMENT", message, { cause });
  }
}

/** A text in PEM as Node takes it. */
export function pem(text: string | Uint8Array): string | Buffer {
  return typeof text === "string" ? text : Buffer.from(text);
}

function socketOf(channel: Channel, head: Uint8Array): Socket {
  const socket = channel.detach?.(head);
  if (socket instanceof Socket) return socket;
  throw new SealwireError("UNSUPPORTED", "TLS needs a channel over a socket of Node");
}
