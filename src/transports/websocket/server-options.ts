import type { IncomingMessage, ServerResponse } from "node:http";
import { checkWhole } from "../../core/engine/check-options.ts";
import { DEFAULT_SUBPROTOCOLS, type WebSocketLimitOptions, webSocketLimits } from "./options.ts";
import type { UpgradeRules } from "./upgrades.ts";

/** What the accepting side of WebSocket does. */
export interface HttpLayerOptions extends WebSocketLimitOptions {
  /**
   * Answers ordinary requests on the same port.
   *
   * @default 426 with a sentence that says what is spoken here
   */
  readonly request?: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Origins (`https://example.org`) beside the server's own from which pages may connect. `"any"`
   * lets every page in the world try, from the browser of whoever looks at it.
   *
   * @default []
   */
  readonly allowedOrigins?: readonly string[] | "any";
  /** The only path that becomes a WebSocket; others are answered with 404. Absent: each does. */
  readonly path?: string;
  /**
   * How long a request may take to arrive with its headers; then the socket is destroyed.
   *
   * @default 10_000
   */
  readonly headersTimeoutMs?: number;
  /**
   * The largest headers of a request; larger ones are answered with 431.
   *
   * @default 16_384
   */
  readonly maxHeaderBytes?: number;
  /**
   * Names of subprotocols that are chosen when a client offers them.
   *
   * @default ["sealwire.v1"]
   */
  readonly subprotocols?: readonly string[];
}

/** @throws `INVALID_ARGUMENT` for an option that makes no sense. */
export function upgradeRules(options: HttpLayerOptions): UpgradeRules {
  const { headersTimeoutMs = 10_000, maxHeaderBytes = 16_384 } = options;
  checkWhole("headersTimeoutMs", headersTimeoutMs);
  checkWhole("maxHeaderBytes", maxHeaderBytes);
  return {
    limits: webSocketLimits(options),
    subprotocols: options.subprotocols ?? DEFAULT_SUBPROTOCOLS,
    request: options.request ?? askForUpgrade,
    allowedOrigins: options.allowedOrigins ?? [],
    path: options.path,
    headersTimeoutMs,
    maxHeaderBytes,
  };
}

function askForUpgrade(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { "Content-Type": "text/plain", Upgrade: "websocket" });
  response.end("Sealwire speaks WebSocket here; there is no page to look at.\n");
}
