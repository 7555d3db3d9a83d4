import { Buffer } from "node:buffer";
import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorCode, SealwireError } from "../core/model/errors.ts";
import { wireCode } from "./wire-codes.ts";

/** Answers with JSON. */
export function answerJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, headersOf(JSON.stringify(value)));
  response.end(JSON.stringify(value));
}

/** Answers with the reason why not, as JSON: a word for programs and a sentence for people. */
export function answerFailure(response: ServerResponse, error: SealwireError): void {
  const status = statusOf(error);
  if (status === 401) response.setHeader("WWW-Authenticate", "Bearer");
  answerJson(response, reasonOf(error), status);
}

/** The same to a request to upgrade, whose socket has no response. */
export function refuseUpgrade(socket: Duplex, error: SealwireError): void {
  const body = JSON.stringify(reasonOf(error));
  const status = statusOf(error);
  const headers = Object.entries({ ...headersOf(body), Connection: "close" });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  socket.once("finish", () => socket.destroy());
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function reasonOf(error: SealwireError): object {
  return { code: wireCode(error), detail: error.message };
}

function headersOf(body: string): Readonly<Record<string, string | number>> {
  return {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  };
}

function statusOf({ code }: SealwireError): number {
  return STATUSES[code];
}

const STATUSES: Readonly<Record<ErrorCode, number>> = Object.freeze({
  CANCELLED: 500,
  DEADLINE_EXCEEDED: 504,
  UNAVAILABLE: 503,
  INVALID_ARGUMENT: 400,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  CONFLICT: 409,
  TOO_LARGE: 413,
  UNSUPPORTED: 405,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  RATE_LIMITED: 429,
  HANDSHAKE_FAILED: 502,
  RECORD_REJECTED: 502,
  PROTOCOL_VIOLATION: 502,
  INTERNAL: 500,
  UNKNOWN: 500,
});
