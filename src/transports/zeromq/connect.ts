import type { Channel, Transport } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { greet } from "./handshake.ts";
import type { ZeromqSettings } from "./options.ts";

/** Connects and greets. */
export async function connect(
  tcp: Transport,
  address: URL,
  settings: ZeromqSettings,
  signal: AbortSignal,
): Promise<Channel> {
  const { curve } = settings;
  if (curve !== undefined && curve.serverKey === undefined) {
    const message = "connecting with CURVE needs the server's public key; give curve.serverKey";
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  return greet(await tcp.connect(address, { signal }), "DEALER", settings, signal);
}
