import { setMaxListeners } from "node:events";
import type { Layer } from "../../core/contracts/layer.ts";
import type { Listener, Transport } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { layered } from "../tcp/layered.ts";
import { greet } from "./handshake.ts";
import type { ZeromqSettings } from "./options.ts";

/** Listens and yields a channel for each peer that has greeted. */
export async function listen(
  tcp: Transport,
  address: URL,
  settings: ZeromqSettings,
): Promise<Listener> {
  if (settings.curve?.lasting === false) {
    const message = "listening with CURVE needs a key that clients can know; give curve.secretKey";
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  const stop = new AbortController();
  // Each greeting listens to it, and Node takes more than ten at once for a leak.
  setMaxListeners(0, stop.signal);
  const greeting: Layer = {
    name: "zmtp",
    recognizes: () => true,
    accept: (stream) => greet(stream, "ROUTER", settings, stop.signal),
  };
  const greeted = layered(await tcp.listen(ofLibzmq(address)), greeting, settings.limits);
  return {
    address: greeted.address,
    async close() {
      stop.abort(new SealwireError("UNAVAILABLE", "the server does not listen any more"));
      await greeted.close();
    },
    [Symbol.asyncIterator]: () => greeted[Symbol.asyncIterator](),
  };
}

/** libzmq finds nobody who listens at the IPv6 address of `localhost`: IPv6 is off by default. */
function ofLibzmq(address: URL): URL {
  if (address.hostname !== "localhost") return address;
  const place = address.port === "" ? "127.0.0.1" : `127.0.0.1:${address.port}`;
  return new URL(`${address.protocol}//${place}${address.pathname}`);
}
