import { isIP } from "node:net";
import { connect as tlsConnect } from "node:tls";
import type { Channel, Transport } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { hostAndPort, showAddress } from "./address.ts";
import { connectSocket, ready } from "./connect.ts";
import { handshakeFailed } from "./failures.ts";
import { layered } from "./layered.ts";
import { listen } from "./listen.ts";
import { type TcpLimits, tcpLimits } from "./options.ts";
import { SharedRead } from "./shared-read.ts";
import { SocketChannel } from "./socket-channel.ts";
import { pem, protectionOf, type TlsLayerOptions, tlsLayer } from "./tls-layer.ts";

/**
 * What TLS needs: `cert` and `key` to listen, nothing to connect to publicly known servers. Who
 * connects with `cert` and `key` shows them to servers that ask.
 */
export interface TlsOptions extends Partial<TlsLayerOptions> {
  /**
   * Certificates trusted to sign the server's, in PEM.
   *
   * @default those that Node brings
   */
  readonly ca?: string;
  /** The name the server's certificate must be for, if it is not the address's. */
  readonly servername?: string;
}

/**
 * Channels over TLS, under addresses such as `tls://example.org:7001`. A server whose certificate
 * does not hold is refused; there is no option against that.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense.
 */
export function tls(options: TlsOptions = {}): Transport {
  const limits = tcpLimits(options);
  const { cert, key, ...others } = options;
  if ((cert === undefined) !== (key === undefined)) throw oneMissing();
  const layer = cert && key && tlsLayer({ ...others, cert, key });
  return {
    scheme: "tls",
    protects: true,
    connect: (address, { signal }) => connect(address, signal, limits, options),
    async listen(address) {
      if (layer) return layered(await listen(address, limits, new SharedRead()), layer, limits);
      const message = "listening with TLS needs a certificate; give the options cert and key";
      throw new SealwireError("INVALID_ARGUMENT", message);
    },
  };
}

async function connect(
  address: URL,
  signal: AbortSignal,
  limits: TcpLimits,
  { ca, servername, cert, key, minVersion = "TLSv1.3" }: TlsOptions,
): Promise<Channel> {
  const { host, port } = hostAndPort(address);
  const place = showAddress(host, port);
  const name = servername ?? (isIP(host) === 0 ? host : undefined);
  const socket = tlsConnect({
    socket: await connectSocket(address, signal, limits),
    host,
    minVersion,
    ...(ca === undefined ? {} : { ca }),
    ...(cert && key ? { cert: pem(cert), key: pem(key) } : {}),
    ...(name === undefined ? {} : { servername: name }),
  });
  const failed = (cause: Error) => handshakeFailed(place, cause);
  await ready(socket, { event: "secureConnect", place, signal, limits, failed });
  return new SocketChannel(socket, { limits, protection: protectionOf(socket) });
}

function oneMissing(): SealwireError {
  const message = "cert and key belong together and one of them is missing; give both, in PEM";
  return new SealwireError("INVALID_ARGUMENT", message);
}
