import type { Server } from "node:net";
import { unlistenable } from "../../core/engine/system-errors.ts";

/** Listens at the place of an address; without a port at the usual one of HTTP or HTTPS. */
export function bound(server: Server, address: URL): Promise<void> {
  const host = address.hostname.replace(/^\[|\]$/g, "");
  const usual = /^(wss|https):$/.test(address.protocol) ? 443 : 80;
  const port = address.port === "" ? usual : Number(address.port);
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(unlistenable(address.host, error));
    server.once("error", onError);
    server.listen({ host, port }, () => {
      server.off("error", onError);
      // A connection that could not be accepted (no more descriptors) must not end the process.
      server.on("error", () => {});
      resolve();
    });
  });
}
