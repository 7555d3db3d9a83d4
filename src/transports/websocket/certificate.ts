import { X509Certificate } from "node:crypto";
import { createSecureContext, type TlsOptions } from "node:tls";
import { SealwireError } from "../../core/model/errors.ts";

/** Certificate chain and private key, in PEM. */
export interface Certificate {
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
}

/** What a server shows, and who signs the certificates of clients. */
export interface ServerCertificate extends Certificate {
  readonly clientCa?: string | undefined;
}

/**
 * What is shown to the other side, if anything.
 *
 * @throws `INVALID_ARGUMENT` for half of it, and for what cannot be used
 */
export function certificateIn({ cert, key }: Partial<Certificate>): Certificate | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    const message = "cert and key belong together and one of them is missing; give both, in PEM";
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  try {
    createSecureContext({ cert: pem(cert), key: pem(key) });
  } catch (cause) {
    const message = "cert and key cannot be used; expected a chain and its own key, both in PEM";
    throw new SealwireError("INVALID_ARGUMENT", message, { cause });
  }
  return { cert, key };
}

/**
 * Clients have to show a certificate that `ca` has signed; all others are refused in the handshake.
 *
 * @throws `INVALID_ARGUMENT` when `ca` holds no certificate
 */
export function certifiedBy(ca: string): TlsOptions {
  try {
    new X509Certificate(ca);
  } catch (cause) {
    const message = "clientCa holds no certificate; give those that sign the clients', in PEM";
    throw new SealwireError("INVALID_ARGUMENT", message, { cause });
  }
  return { ca, requestCert: true, rejectUnauthorized: true };
}

/** A text in PEM as Node takes it. */
export function pem(text: string | Uint8Array): string | Buffer {
  return typeof text === "string" ? text : Buffer.from(text);
}
