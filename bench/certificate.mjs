/** A certificate for localhost, made by openssl at the start and gone at the end. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function certificate() {
  const folder = mkdtempSync(join(tmpdir(), "sealwire-bench-"));
  const keyFile = join(folder, "key.pem");
  const certFile = join(folder, "cert.pem");
  try {
    execFileSync(
      "openssl",
      [
        ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2".split(" "),
        ...["-subj", "/CN=localhost", "-keyout", keyFile, "-out", certFile],
      ],
      { stdio: "ignore", timeout: 20_000 },
    );
    return { key: readFileSync(keyFile), cert: readFileSync(certFile) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
