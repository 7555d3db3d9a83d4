import { SealwireError } from "../../core/model/errors.ts";

/** The libraries, where they are installed. */
export interface NatsModules {
  readonly transport: typeof import("@nats-io/transport-node");
  readonly jetstream: typeof import("@nats-io/jetstream");
}

/** @throws `UNSUPPORTED` with what to install, where a package is not there */
export async function loadNats(): Promise<NatsModules> {
  try {
    const [transport, jetstream] = await Promise.all([
      import("@nats-io/transport-node"),
      import("@nats-io/jetstream"),
    ]);
    return { transport, jetstream };
  } catch (cause) {
    const packages = "@nats-io/transport-node @nats-io/jetstream";
    const message = `a cluster over NATS needs packages that are not there: npm install ${packages}`;
    throw new SealwireError("UNSUPPORTED", message, { cause });
  }
}
