import type { Channel, Transport } from "../src/core/contracts/transport.ts";
import { SealwireError } from "../src/core/model/errors.ts";
import { tcp } from "../src/transports/tcp/tcp.ts";

/** TCP whose latest channel the test can break, after which nobody gets through until told. */
export function breakableTcp(): {
  readonly transport: Transport;
  cut(): void;
  free(): void;
} {
  const real = tcp();
  let barred = false;
  let latest: Channel | undefined;
  return {
    transport: {
      scheme: "tcp",
      async connect(address, options) {
        if (barred) throw new SealwireError("UNAVAILABLE", "barred by the test");
        latest = await real.connect(address, options);
        return latest;
      },
      listen: (address) => real.listen(address),
    },
    cut() {
      barred = true;
      void latest?.close(new SealwireError("UNAVAILABLE", "cut by the test"));
    },
    free() {
      barred = false;
    },
  };
}
