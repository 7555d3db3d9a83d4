import type { NodeClientOptions } from "../presets/node.ts";
import { misused } from "./failures.ts";
import { readSmall } from "./secret-file.ts";

/** The files of a certificate that this side shows. */
export interface CertificateFiles {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** What is in them; `undefined` where none is named. @throws `INVALID_ARGUMENT` for half of it */
export async function readCertificate({
  tlsCert,
  tlsKey,
}: CertificateFiles): Promise<{ readonly cert: string; readonly key: string } | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw misused("--tls-cert and --tls-key belong together: one is missing");
  }
  const cert = await readSmall("--tls-cert", tlsCert);
  return { cert, key: await readSmall("--tls-key", tlsKey) };
}

/** What a command that connects trusts and shows. @throws as `readCertificate` */
export async function readClientTls({
  tlsCa,
  ...files
}: CertificateFiles & { readonly tlsCa?: string }): Promise<
  Pick<NodeClientOptions, "tlsCa" | "tlsCert" | "tlsKey">
> {
  const shown = await readCertificate(files);
  return {
    ...(tlsCa !== undefined && { tlsCa: await readSmall("--tls-ca", tlsCa) }),
    ...(shown && { tlsCert: shown.cert, tlsKey: shown.key }),
  };
}
