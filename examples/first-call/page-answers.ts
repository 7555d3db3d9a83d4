import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** What the page must know. */
export interface PageFacts {
  readonly fingerprint: string;
  /** Its own API key; it is fetched by the script and stands in no file and no address. */
  readonly key: string;
}

interface Answer {
  readonly type: string;
  readonly body: string | Uint8Array;
}

/**
 * Answers requests with the page of this folder. Its script is bundled once, while the server is
 * starting; who asks earlier waits for it.
 */
export function pageAnswers(
  facts: PageFacts,
): (request: IncomingMessage, response: ServerResponse) => void {
  const answers = answersFor(facts);
  // Told to whoever asks for the page; the server itself goes on.
  answers.catch(() => {});
  return (request, response) => {
    if (!isOurs(request)) return refuse(response, 403, "open the page by 127.0.0.1 or localhost");
    answers.then(
      (known) => answer(known, request, response),
      (error: unknown) => refuse(response, 500, `the page could not be built: ${error}`),
    );
  };
}

function answer(
  answers: ReadonlyMap<string, Answer>,
  { url = "/", method, headers }: IncomingMessage,
  response: ServerResponse,
): void {
  const path = url.split("?", 1)[0] ?? "/";
  const found = answers.get(path);
  if (method !== "GET" && method !== "HEAD") return refuse(response, 405, "only GET is answered");
  if (found === undefined) return refuse(response, 404, "there is nothing at this address");
  if (path === KEY_PATH && headers["sec-fetch-site"] !== "same-origin") {
    return refuse(response, 403, "only the page's own script gets its key");
  }
  response.writeHead(200, { ...HEADERS, "Content-Type": found.type });
  response.end(method === "HEAD" ? undefined : found.body);
}

const KEY_PATH = "/key";

/** Nothing from elsewhere, no script in the page's text, and nothing is kept. */
const HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cache-Control": "no-store",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

async function answersFor({ fingerprint, key }: PageFacts): Promise<ReadonlyMap<string, Answer>> {
  const [html, style, script] = await Promise.all([
    readFile(here("page.html"), "utf8"),
    readFile(here("page.css")),
    bundled(here("page.ts")),
  ]);
  return new Map<string, Answer>([
    [
      "/",
      { type: "text/html; charset=utf-8", body: html.replaceAll("{fingerprint}", fingerprint) },
    ],
    ["/page.css", { type: "text/css; charset=utf-8", body: style }],
    [KEY_PATH, { type: "text/plain; charset=utf-8", body: key }],
    ...[...script].map(([path, body]) => [path, { type: "text/javascript", body }] as const),
  ]);
}

/** As a project that uses Sealwire would bundle it: what is seldom needed stays in its own file. */
async function bundled(file: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    minify: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    outdir: "/",
    logLevel: "silent",
  });
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]));
}

/** A foreign name that was made to lead here (DNS rebinding) must not get the page, nor its key. */
function isOurs({ headers }: IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? "");
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { ...HEADERS, "Content-Type": "text/plain; charset=utf-8" });
  response.end(`${why}\n`);
}

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
