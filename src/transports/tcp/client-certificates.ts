import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import { SealwireError } from "../../core/model/errors.ts";

/**
 * The accepting side of TLS on one socket whose peer has to show a certificate signed by `ca`; who
 * has none, or another one, is cut off before anything is read.
 *
 * Node judges certificates of clients in its TLS server alone, so each socket gets one that never
 * listens.
 *
 * @throws what `failed` makes of the reason why the peer was not let in
 */
export function acceptCertified(
  socket: Socket,
  options: TlsOptions,
  failed: (cause: Error) => SealwireError,
): Promise<TLSSocket> {
  const gate = createServer({ ...options, requestCert: true, rejectUnauthorized: true });
  return new Promise((resolve, reject) => {
    gate.once("secureConnection", resolve);
    gate.once("tlsClientError", (error, refused) => {
      refused.destroy();
      reject(failed(judged(error, refused)));
    });
    gate.emit("connection", socket);
  });
}

/** Checks who is to sign. @throws `INVALID_ARGUMENT` for what is no certificate */
export function checkAuthority(clientCa: string): void {
  try {
    new X509Certificate(clientCa);
  } catch (cause) {
    const message = "clientCa holds no certificate; give those that sign the clients', in PEM";
    throw new SealwireError("INVALID_ARGUMENT", message, { cause });
  }
}

/** What was wrong with the certificate, where Node tells of a broken path alone. */
function judged(error: Error, { authorizationError }: TLSSocket): Error {
  // Declared as an error, and a text in truth.
  const verdict: unknown = authorizationError;
  return verdict ? new Error(`the client's certificate: ${verdict}`, { cause: error }) : error;
}
