import { parsePublicKey } from "../crypto/keys.ts";
import type { NodeServerOptions } from "../presets/node.ts";
import type { Server } from "../server/server.ts";
import { encodeZ85 } from "../transports/zeromq/z85.ts";
import { readEnvFile } from "./env-file.ts";
import { misused } from "./failures.ts";
import { foreign } from "./printable.ts";
import type { Proofs } from "./proofs.ts";
import { readSmall } from "./secret-file.ts";
import type { Shell } from "./shell.ts";
import { type CertificateFiles, readCertificate } from "./tls-files.ts";

/** Variables of the file become those of the process, where it has none of the same name. */
export function takeEnvFile(named: string | undefined): void {
  for (const [name, value] of Object.entries(readEnvFile(named))) {
    if (process.env[name] === undefined && value !== undefined) process.env[name] = value;
  }
}

/** What of the options concerns TLS. */
export interface CertificateOptions extends CertificateFiles {
  readonly listen?: readonly string[];
  readonly tlsClientCa?: string;
}

/** Certificate and key. @throws `INVALID_ARGUMENT` when something wants them and they lack */
export async function certificateOf({
  tlsClientCa,
  listen = [],
  ...files
}: CertificateOptions): Promise<NodeServerOptions["tls"]> {
  const certificate = await readCertificate(files);
  const wanting = listen.find((address) => /^(tls|wss|[a-z-]+\+(tls|wss)):/i.test(address));
  const needing = wanting ?? (tlsClientCa === undefined ? undefined : "--tls-client-ca");
  if (certificate === undefined) {
    if (needing === undefined) return undefined;
    throw misused(`${needing} needs a certificate: give --tls-cert and --tls-key`);
  }
  if (tlsClientCa === undefined) return certificate;
  return { ...certificate, clientCa: await readSmall("--tls-client-ca", tlsClientCa) };
}

/** What is told of a server when it opens. */
export interface Opening {
  readonly listen: readonly string[];
  readonly proofs: Proofs;
  /** Also the key by which clients of ZeroMQ know it. */
  readonly curve?: boolean | undefined;
  readonly json: boolean | undefined;
}

/** Opens all addresses, and says who may come, by which key the server is known and where it is. */
export async function openServer(
  shell: Shell,
  server: Server,
  { listen, proofs, curve, json }: Opening,
): Promise<void> {
  tellAccess(shell, proofs);
  const opened = await listenAll(server, listen);
  const fingerprint = await server.fingerprint();
  shell.note(`fingerprint ${fingerprint}`);
  if (curve) shell.note(`CURVE key (Z85) ${encodeZ85(parsePublicKey(fingerprint))}`);
  for (const address of opened) await tellListening(shell, address, fingerprint, json);
}

/** Says by which ways one may come in. */
function tellAccess(shell: Shell, { ways }: Proofs): void {
  const accepted = ways.length > 0 ? ways.join(", ") : "no credentials";
  shell.note(`accepts ${foreign(accepted)}; public procedures need none`);
}

/** One line of result for each address. */
async function tellListening(
  shell: Shell,
  { href }: URL,
  fingerprint: string,
  json: boolean | undefined,
): Promise<void> {
  await shell.out(json ? JSON.stringify({ listening: href, fingerprint }) : `listening ${href}`);
}

/** All or none: a server that listens on half of its addresses looks as if it worked. */
async function listenAll(server: Server, addresses: readonly string[]): Promise<readonly URL[]> {
  const opened: URL[] = [];
  for (const address of addresses) {
    if (!URL.canParse(address)) {
      throw misused(`--listen: "${address}" is not an address; write tcp://127.0.0.1:7000`);
    }
    opened.push((await server.listen(address)).address);
  }
  return opened;
}
