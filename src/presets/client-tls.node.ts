import { SealwireError } from "../core/model/errors.ts";
import type { TlsOptions } from "../transports/tcp/tls.ts";

/** What a client says of TLS; all of it in PEM. */
export interface ClientTlsOptions {
  /** Certificates trusted to sign the server's, for `tls://`, `wss://` and wires inside them. */
  readonly tlsCa?: string;
  /** The certificate chain that is shown to servers which ask clients for one. */
  readonly tlsCert?: string;
  /** Its private key. */
  readonly tlsKey?: string;
}

/** The same as transports want it. @throws `INVALID_ARGUMENT` for half a certificate */
export function clientTls({ tlsCa, tlsCert, tlsKey }: ClientTlsOptions): TlsOptions {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    const message = "tlsCert and tlsKey belong together and one of them is missing; give both";
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  return {
    ...(tlsCa !== undefined && { ca: tlsCa }),
    ...(tlsCert !== undefined && { cert: tlsCert }),
    ...(tlsKey !== undefined && { key: tlsKey }),
  };
}
