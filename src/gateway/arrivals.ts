import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { encodeHex } from "../bytes/text.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { endpointText } from "../core/engine/endpoint-text.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";
import { randomBytes } from "../crypto/random.ts";
import { bridgeWording } from "./bridge-wording.ts";
import { GatewayConnection } from "./connection.ts";
import type { GatewayParts } from "./gateway-parts.ts";
import { remoteOf, urlOf } from "./http-server.ts";
import { checkLocalPort } from "./local-port.ts";
import { proxyWording } from "./proxy-wording.ts";
import { type LinkQuery, parseBridgeQuery, parseProxyQuery } from "./query.ts";
import { closing } from "./refusals.ts";
import type { Listed } from "./registry.ts";

/** Requests to upgrade become connections, or are refused before anything is opened. */
export class Arrivals {
  readonly #parts: GatewayParts;
  readonly #connections = new Set<GatewayConnection>();
  #closed = false;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#connections.size;
  }

  /**
   * Judges a request in the order of what it costs: its words, how many are here, who asks, where
   * the link would lead.
   *
   * @throws what the answer to the request is to be
   */
  async take(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (this.#closed) throw closing();
    const asked = readRequest(request, this.#parts.settings.preferredPort);
    const remote = request.socket instanceof Socket ? remoteOf(request.socket) : "unknown";
    checkLocalPort(asked.query.localPort, this.#parts.settings);
    const open = this.#parts.opener(asked.query.mode);
    const leave = this.#parts.house.enter(remote);
    try {
      const proven = await this.#proven(request, asked.query, remote);
      const target = proven.principal && (await this.#target(asked.query));
      const channel = await this.#parts.upgrader.upgrade(request, socket, head, remote);
      if (!channel) return leave();
      const { stunServers } = this.#parts;
      const given = {
        ...this.#parts,
        ...asked,
        ...proven,
        channel,
        remote,
        open,
        target,
        stunServers,
      };
      this.#keep(new GatewayConnection(given), leave);
    } catch (thrown) {
      leave();
      throw thrown;
    }
  }

  async close(reason: SealwireError): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#connections].map((connection) => connection.fail(reason)));
  }

  #keep(connection: GatewayConnection, leave: () => void): void {
    this.#connections.add(connection);
    if (this.#closed) void connection.fail(closing());
    void connection.ended.then(() => {
      this.#connections.delete(connection);
      leave();
    });
  }

  async #proven(
    request: IncomingMessage,
    { ticket, encryptionKey }: LinkQuery,
    remote: string,
  ): Promise<Proven> {
    if (ticket === undefined) {
      const principal = await this.#parts.admission.byHeaders(request.headers, remote);
      return { principal, key: encryptionKey };
    }
    const content = this.#parts.admission.byTicket(ticket);
    const { principal, authenticate } = content;
    return { principal, key: content.encryptionKey ?? encryptionKey, authenticate };
  }

  #target({ remoteHost, remotePort }: LinkQuery): Promise<Endpoint> {
    return this.#parts.guard(remoteHost, remotePort);
  }
}

interface Proven {
  readonly principal: Principal | undefined;
  readonly key: string | undefined;
  readonly authenticate?: boolean | undefined;
}

/** What a request asks for, and the words in which it will be answered. */
function readRequest(request: IncomingMessage, preferredPort: number) {
  const { pathname, searchParams } = urlOf(request);
  if (pathname === "/v0/ws/proxy") {
    const query = parseProxyQuery(searchParams);
    const { remoteHost, remotePort, clientId = encodeHex(randomBytes(16)) } = query;
    const id = `${clientId}_${remoteHost}_${remotePort}`;
    const wording = proxyWording(id, query.binary === true);
    return { id, query, wording, keyRequired: true, language: PROXY };
  }
  if (pathname === "/v0/ws/bridge") {
    const query = parseBridgeQuery(searchParams, preferredPort);
    const peer = endpointText({ host: query.remoteHost, port: query.remotePort });
    const wording = bridgeWording(peer, query.binary === true);
    // The original's clients of the same address share an id; here each is listed.
    const id = `${peer}_${query.localPort || encodeHex(randomBytes(4))}`;
    return { id, query, wording, keyRequired: false, language: BRIDGE };
  }
  throw new SealwireError("NOT_FOUND", "no WebSocket here; see /v0/ws/info");
}

const PROXY: Listed["language"] = "proxy";
const BRIDGE: Listed["language"] = "bridge";
