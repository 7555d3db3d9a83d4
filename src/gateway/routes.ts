import type { IncomingMessage, ServerResponse } from "node:http";
import { isLoopback } from "../core/engine/loopback.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";
import { answerJson } from "./answers.ts";
import type { GatewayParts } from "./gateway-parts.ts";
import { remoteOf, urlOf } from "./http-server.ts";
import {
  bridgesAnswer,
  connectionsAnswer,
  infoAnswer,
  serverConfigAnswer,
} from "./info-answers.ts";
import { NetworkAnswers } from "./network-answers.ts";
import { unmapped } from "./special-addresses.ts";
import { issueTicket } from "./ticket-request.ts";

/** One request, judged as far as anybody may make it. */
interface Asked {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly remote: string;
}

/** Answers ordinary requests: what the gateway is, what is open, what its network is like. */
export class Routes {
  readonly #parts: GatewayParts;
  readonly #network: NetworkAnswers;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#network = new NetworkAnswers(parts);
  }

  /** @throws what is to be answered as a failure */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#allowOrigin(request, response);
    const url = urlOf(request);
    const asked = { request, url, remote: remoteOf(request.socket) };
    if (request.method === "OPTIONS") return preflight(response);
    const posts = url.pathname === "/v0/ws/ticket";
    if (request.method !== (posts ? "POST" : "GET")) throw wrongMethod(url.pathname, posts);
    answerJson(response, posts ? await issueTicket(asked, this.#parts) : await this.#get(asked));
  }

  async #get(asked: Asked): Promise<unknown> {
    const { registry, settings } = this.#parts;
    const { url } = asked;
    switch (url.pathname) {
      case "/v0/health":
        return { status: "ok" };
      case "/bridge-id":
        return "websocket-srmudp-bridge-v1";
      case "/v0/ws/info":
        return infoAnswer(url, asked.request.socket, settings);
      case "/v0/ws/server-config":
        return serverConfigAnswer(settings);
      case "/v0/ws/connections":
        return connectionsAnswer(registry.list("proxy", await this.#viewer(asked)));
      case "/v0/ws/bridges":
        return bridgesAnswer(registry.list("bridge", await this.#viewer(asked)));
      case "/v0/ws/proxy":
      case "/v0/ws/bridge":
        throw new SealwireError("UNSUPPORTED", "this is a WebSocket; send a request to upgrade");
    }
    if (!url.pathname.startsWith("/v0/network/")) throw nothingHere();
    const viewer = await this.#viewer(asked);
    return this.#network.answer(url, viewer, () => this.#parts.house.enter(asked.remote)());
  }

  /** Peers' addresses are nobody else's business: one sees one's own, this machine sees all. */
  async #viewer({ request, remote }: Asked): Promise<Principal | "everything"> {
    const { admission } = this.#parts;
    const principal = await admission.byHeaders(request.headers, remote);
    if (!principal) {
      const message = "give your API key in the header Authorization: Bearer KEY";
      throw new SealwireError("UNAUTHENTICATED", message);
    }
    if (!admission.open) return principal;
    if (isLoopback(unmapped(request.socket.remoteAddress ?? ""))) return "everything";
    const message = "a proxy without API keys shows this to its own machine alone";
    throw new SealwireError("PERMISSION_DENIED", message);
  }

  /** What was refused is refused before this; what was allowed may also read the answer. */
  #allowOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
    response.setHeader("Vary", "Origin");
    if (headers.origin !== undefined) {
      response.setHeader("Access-Control-Allow-Origin", headers.origin);
    }
  }
}

function preflight(response: ServerResponse): void {
  response.writeHead(204, {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-API-Key",
    "Access-Control-Max-Age": 600,
  });
  response.end();
}

function wrongMethod(path: string, posts: boolean): SealwireError {
  const message = `${path} answers ${posts ? "POST" : "GET"} alone`;
  return new SealwireError("UNSUPPORTED", message);
}

function nothingHere(): SealwireError {
  return new SealwireError("NOT_FOUND", "there is nothing at this path; see /v0/ws/info");
}
