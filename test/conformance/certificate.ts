import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate for this machine that trusts itself, good for a day. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes a certificate with the system's openssl, so that no private key lies in the repository. */
export function makeCertificate(
  names = "DNS:localhost,IP:127.0.0.1,IP:::1",
  signer?: Certificate,
): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "sealwire-certificate-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const subject = ["-subj", "/CN=sealwire test", "-addext", `subjectAltName=${names}`];
  const output = ["-days", "1", "-keyout", key, "-out", cert];
  try {
    const by = signer ? signedBy(signer, folder) : [];
    const args = ["req", "-x509", ...curve, ...subject, ...by, ...output];
    execFileSync("openssl", args, { stdio: "pipe" });
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A certificate of somebody, signed by another that may sign. */
export function makeSigned(signer: Certificate): Certificate {
  return makeCertificate("DNS:client.example", signer);
}

function signedBy({ cert, key }: Certificate, folder: string): readonly string[] {
  const [caKey, ca] = [join(folder, "ca-key.pem"), join(folder, "ca.pem")];
  writeFileSync(caKey, key);
  writeFileSync(ca, cert);
  return ["-CA", ca, "-CAkey", caKey, "-addext", "basicConstraints=critical,CA:false"];
}
