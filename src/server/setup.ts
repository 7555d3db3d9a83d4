import type { CallContext } from "../core/contracts/context.ts";
import type { Dialect } from "../core/contracts/dialect.ts";
import type { Platform } from "../core/contracts/platform.ts";
import type { ConnectionSetup } from "../core/engine/connection-setup.ts";
import { DEFAULT_HEARTBEAT } from "../core/engine/heartbeat.ts";
import type { Router } from "../core/engine/router.ts";
import type { Access } from "./access.ts";
import { CallProofs, type CallProofsOwner } from "./call-proofs.ts";
import { routesFor } from "./dialect-routes.ts";
import type { Events } from "./events.ts";
import type { ServerConfig } from "./options.ts";

/** The parts of a server that its connections reach. */
export interface SetupParts extends Pick<ConnectionSetup, "onClosed">, CallProofsOwner {
  readonly context: CallContext | undefined;
  readonly router: Router;
  readonly events: Events;
  readonly access: Access;
}

/** What the connections of a server have in common, made once for each dialect. */
export class Setups {
  readonly #config: ServerConfig;
  readonly #platform: Platform;
  readonly #parts: SetupParts;
  readonly #proofs: CallProofs;
  readonly #byDialect = new WeakMap<Dialect, ConnectionSetup>();

  constructor(config: ServerConfig, platform: Platform, parts: SetupParts) {
    this.#config = config;
    this.#platform = platform;
    this.#parts = parts;
    this.#proofs = new CallProofs(parts);
  }

  /** For connections of this dialect. */
  of(dialect: Dialect): ConnectionSetup {
    const known = this.#byDialect.get(dialect);
    if (known) return known;
    const made = this.#make(dialect);
    this.#byDialect.set(dialect, made);
    return made;
  }

  #make(dialect: Dialect): ConnectionSetup {
    const { logger, limits, screen } = this.#config;
    const { clock, turn } = this.#platform;
    const { context, router, events, access, onClosed } = this.#parts;
    const { defaults = {}, security } = dialect;
    const eachCall = security.clientProven === "by-each-call";
    return {
      ...{ clock, turn, limits, logger, onClosed },
      callTimeoutMs: this.#config.callTimeoutMs ?? defaults.callTimeoutMs ?? 30_000,
      ...(screen && { screen }),
      heartbeat: this.#config.heartbeat ?? defaults.heartbeat ?? DEFAULT_HEARTBEAT,
      handlerTimeoutMs:
        this.#config.handlerTimeoutMs ?? defaults.handlerTimeoutMs ?? Number.POSITIVE_INFINITY,
      routes: routesFor(router, dialect, { context, proofs: this.#proofs, logger }),
      // Where each call proves itself, its route asks.
      authorize: eachCall ? () => undefined : access,
      onEvent: (name, data, from) => events.receive(name, data, from),
      onGoodbye: () => {},
      onDrained: (drained) => events.flush(drained),
    };
  }
}
