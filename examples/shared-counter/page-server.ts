import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { NodeServer } from "sealwire";
import { websocket } from "sealwire/transports/websocket";
import { startCounter } from "./server.ts";

/** The server of this example with a page beside it: `page` says where. */
export async function startPage(
  folder: string,
  addresses: { readonly tcp: string; readonly webSocket: string },
): Promise<{ readonly server: NodeServer; readonly page: URL }> {
  const server = await startCounter(folder, addresses.tcp);
  const answers = await answersFor(await server.fingerprint());
  const request = (asked: IncomingMessage, response: ServerResponse): void => {
    const found = answers.get(asked.url ?? "/");
    const type = found?.type ?? "text/plain";
    response.writeHead(found ? 200 : 404, { ...HEADERS, "Content-Type": type });
    response.end(found?.body ?? "there is nothing at this address\n");
  };
  const listener = await server.listen(addresses.webSocket, { transport: websocket({ request }) });
  return { server, page: new URL(`http://${listener.address.host}/`) };
}

interface Answer {
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** Nothing from elsewhere, no script in the page's text, and nothing is kept. */
const HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
};

async function answersFor(fingerprint: string): Promise<ReadonlyMap<string, Answer>> {
  const html = await readFile(here("page.html"), "utf8");
  const { outputFiles } = await build({
    entryPoints: [here("page.ts")],
    bundle: true,
    write: false,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    outdir: "/",
    logLevel: "silent",
  });
  const scripts = outputFiles.map(({ path, contents }): [string, Answer] => {
    return [path, { type: "text/javascript", body: contents }];
  });
  return new Map<string, Answer>([
    ["/", { type: "text/html; charset=utf-8", body: html.replace("{fingerprint}", fingerprint) }],
    ["/page.css", { type: "text/css", body: await readFile(here("page.css")) }],
    ...scripts,
  ]);
}

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [
    folder = "counter-state",
    tcp = "tcp://127.0.0.1:7000",
    webSocket = "ws://127.0.0.1:7001",
  ] = process.argv.slice(2);
  const { server, page } = await startPage(folder, { tcp, webSocket });
  console.log(`listening ${server.address}`);
  console.log(`page ${page.href}`);
  process.once("SIGINT", () => void server.close());
  process.once("SIGTERM", () => void server.close());
}
