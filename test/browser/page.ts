import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Web pages on loopback, each a script bundled as a project that uses Sealwire would bundle it. */
export interface PageServer {
  /** Where the page is. */
  readonly url: string;
  close(): Promise<void>;
}

/** What a strict site allows; `connect-src` stays open because servers listen on any port. */
const STRICT_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src ws: wss: http: https:";

/**
 * Serves one page with one script, under a strict content security policy (no `eval`).
 * `import "sealwire"` in the script means the browser entry of this repository's build.
 */
export async function servePage(script: string): Promise<PageServer> {
  const files = await bundle(script);
  const server = createServer((request, response) => {
    const script = files.get(request.url ?? "");
    response.setHeader("content-security-policy", STRICT_POLICY);
    response.setHeader("content-type", script === undefined ? "text/html" : "text/javascript");
    response.end(script ?? PAGE);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>Sealwire</title>
<script type="module" src="/page.js"></script>`;

async function bundle(script: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    stdin: {
      contents: script,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
      sourcefile: "page.ts",
      loader: "ts",
    },
    bundle: true,
    write: false,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    outdir: "/",
    entryNames: "page",
    logLevel: "silent",
  });
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]));
}
