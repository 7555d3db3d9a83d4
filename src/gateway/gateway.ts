import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "../core/contracts/logger.ts";
import { answerFailure, refuseUpgrade } from "./answers.ts";
import { Arrivals } from "./arrivals.ts";
import { gatewayParts } from "./gateway-parts.ts";
import { type HttpPort, listenHttp } from "./http-server.ts";
import { type GatewayOptions, gatewaySettings } from "./options.ts";
import { closing } from "./refusals.ts";
import { checkRequest } from "./request-rules.ts";
import { Routes } from "./routes.ts";
import { tellable } from "./wire-codes.ts";

/** A running proxy. */
export interface Gateway {
  /**
   * Listens at an address such as `http://127.0.0.1:8000`; may be called several times. Resolves
   * with where it really listens.
   *
   * @throws `INVALID_ARGUMENT` for an address that cannot be used, `ALREADY_EXISTS` when it is
   * taken, `PERMISSION_DENIED` beyond loopback without API keys.
   */
  listen(address: string | URL): Promise<URL>;
  /** How many WebSockets are open. */
  readonly connections: number;
  /** Tells everybody, ends all links and stops listening. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The gateway of `docs/reference/gateway.md`: programs and pages that can only speak WebSocket
 * reach peers that speak SRMUDP. It understands neither end; what is sent through it, it sees.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense.
 *
 * @example
 * const proxy = createGateway({ authenticator: apiKeys(keys) });
 * await proxy.listen("http://127.0.0.1:8000");
 */
export function createGateway(options: GatewayOptions = {}): Gateway {
  const settings = gatewaySettings(options);
  const parts = gatewayParts(settings);
  const arrivals = new Arrivals(parts);
  const routes = new Routes(parts);
  const ports: HttpPort[] = [];
  const names: string[] = [...settings.allowedHosts];
  const rules = { allowedOrigins: settings.allowedOrigins, allowedHosts: names };
  const handlers = {
    request: (request: IncomingMessage, response: ServerResponse) =>
      answering(response, settings.logger, () => {
        checkRequest(request.headers, rules);
        return routes.answer(request, response);
      }),
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      upgrading(socket, settings.logger, () => {
        checkRequest(request.headers, rules);
        return arrivals.take(request, socket, head);
      }),
  };
  const close = async () => {
    await Promise.all([arrivals.close(closing()), ...ports.splice(0).map((port) => port.close())]);
  };
  return {
    async listen(address) {
      const port = await listenHttp(address, settings, handlers);
      ports.push(port);
      names.push(port.address.hostname);
      settings.logger.info({ address: port.address.host }, "the proxy listens");
      return port.address;
    },
    get connections() {
      return arrivals.size;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function answering(
  response: ServerResponse,
  logger: Logger,
  answer: () => Promise<void> | void,
): Promise<void> {
  try {
    await answer();
  } catch (thrown) {
    if (response.headersSent) response.destroy();
    else answerFailure(response, tellable(thrown, logger));
  }
}

async function upgrading(
  socket: Duplex,
  logger: Logger,
  take: () => Promise<void> | void,
): Promise<void> {
  // A peer that resets the connection now has its way.
  socket.on("error", () => {});
  try {
    await take();
  } catch (thrown) {
    if (socket.writable) refuseUpgrade(socket, tellable(thrown, logger));
  }
}
