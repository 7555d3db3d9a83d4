import type { Transport } from "../core/contracts/transport.ts";

/** Under which other name a transport is reached. */
export interface OtherName {
  /** What stands before `://` in the addresses that people write. */
  readonly scheme: string;
  /** Where an address names no port. */
  readonly port: number;
}

/**
 * A transport under the name of a wire: `trust-rpc://host` instead of `tcp://host:8888`. Where it
 * listens is told under the other name too.
 */
export function under({ scheme, port }: OtherName, transport: Transport): Transport {
  const inward = (address: URL): URL => {
    const place = `${address.hostname || "localhost"}:${address.port || port}`;
    return new URL(`${transport.scheme}://${place}${address.pathname}${address.search}`);
  };
  return {
    scheme,
    protects: transport.protects === true,
    connect: (address, options) => transport.connect(inward(address), options),
    async listen(address) {
      const listener = await transport.listen(inward(address));
      const { hostname, port: bound, pathname } = listener.address;
      const path = pathname === "/" ? "" : pathname;
      return {
        // A special scheme does not show its own default port.
        address: new URL(`${scheme}://${hostname}:${bound || inward(address).port || "80"}${path}`),
        close: () => listener.close(),
        [Symbol.asyncIterator]: () => listener[Symbol.asyncIterator](),
      };
    },
  };
}
