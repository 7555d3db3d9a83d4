// Prints what the discovery finds from here; run inside the NAT laboratory.
import { networkInterfaces } from "node:os";
import { BindingClient, discoverNat } from "../../src/stun/index.ts";
import { bindUdp } from "../../src/transports/udp/datagram-socket.ts";

const clock = {
  now: () => Date.now(),
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const servers = process.argv.slice(2).map((host) => ({ host, port: 3478 }));
const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
const socket = await bindUdp({ host: "0.0.0.0", port: 0 });
const client = new BindingClient(socket, clock);
const report = await discoverNat(client, servers, ({ host }) =>
  own.some(({ address }) => address === host),
);
await socket.close();
console.log(JSON.stringify(report));
