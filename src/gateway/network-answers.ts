import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";
import { bindUdp } from "../transports/udp/datagram-socket.ts";
import type { GatewayParts } from "./gateway-parts.ts";
import { bridgesAnswer } from "./info-answers.ts";
import { checkLocalPort } from "./local-port.ts";
import { askStun } from "./public-address.ts";
import { portOf } from "./query.ts";
import { listedStunServers } from "./stun-servers.ts";

/** The answers below `/v0/network/`: what the network looks like from this machine. */
export class NetworkAnswers {
  readonly #parts: GatewayParts;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  /** @throws `UNAVAILABLE` where no STUN server answers, `CONFLICT` for a port in use. */
  async answer(url: URL, viewer: Principal | "everything", count: () => void): Promise<unknown> {
    const { settings } = this.#parts;
    switch (url.pathname) {
      case "/v0/network/stun-servers":
        return {
          stun_servers: listedStunServers(settings),
          note: "only configured ones are asked",
        };
      case "/v0/network/active-ports":
        return this.#activePorts(viewer);
      case "/v0/network/public-ip": {
        count();
        const { host } = (await this.#find(0)).public;
        return { public_ip: host, discovery_method: "STUN", success: true };
      }
      case "/v0/network/public-address":
        count();
        return this.#publicAddress(this.#portIn(url, "local_port", 0));
      case "/v0/network/srmudp-address":
        count();
        return this.#publicAddress(settings.preferredPort);
      case "/v0/network/srmudp-address-test":
        count();
        return this.#publicAddress(this.#portIn(url, "test_port", undefined));
    }
    throw new SealwireError("NOT_FOUND", "there is nothing at this path; see /v0/ws/info");
  }

  #activePorts(viewer: Principal | "everything"): object {
    const { registry, settings } = this.#parts;
    const listed = registry.list("bridge", viewer);
    const ports = listed.map(({ local }) => local?.port ?? 0);
    return {
      active_bridges: Object.fromEntries(
        listed.map((bridge) => [bridge.local?.port ?? 0, bridgesAnswer([bridge])]),
      ),
      server_preferred_port: settings.preferredPort,
      port_conflicts: ports.includes(settings.preferredPort) ? [settings.preferredPort] : [],
      available_actions: ["close a bridge to free its port", "choose another local_port"],
    };
  }

  async #publicAddress(port: number): Promise<object> {
    const found = await this.#find(port);
    return {
      public_ip: found.public.host,
      public_port: found.public.port,
      local_port: found.local.port,
      discovery_method: "STUN",
      success: true,
    };
  }

  /** Asks through a socket of its own, which nobody else can use meanwhile. */
  async #find(port: number): Promise<{ readonly public: Endpoint; readonly local: Endpoint }> {
    const { settings, stunServers } = this.#parts;
    const servers = await stunServers();
    const host = settings.bindHost ?? "0.0.0.0";
    const socket = await bindUdp({ host, port });
    try {
      return { public: await askStun(socket, servers, settings.clock), local: socket.address };
    } finally {
      await socket.close();
    }
  }

  #portIn({ searchParams }: URL, name: string, otherwise: number | undefined): number {
    const written = searchParams.get(name) ?? otherwise?.toString() ?? "";
    const port = portOf(written, name, 0);
    checkLocalPort(port, this.#parts.settings);
    return port;
  }
}
