/** `serve` and `connect` for the bare peers on a stream socket: net, net+cork, net+tls. */
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import { answer, api, CallTable } from "./call-table.mjs";
import { certificate } from "./certificate.mjs";
import { FramedSocket } from "./framed-socket.mjs";

export function streamPeer({ secured = false, gather = false }) {
  return {
    async serve() {
      const server = secured
        ? tls.createServer({ ...certificate(), minVersion: "TLSv1.3" }, accept)
        : net.createServer(accept);
      server.on(secured ? "tlsClientError" : "error", () => {});
      server.listen({ port: 0, host: "127.0.0.1", backlog: 1024 });
      await once(server, "listening");
      return { port: server.address().port };
    },
    async connect({ port }) {
      const socket = secured
        ? tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false })
        : net.connect({ port, host: "127.0.0.1" });
      await once(socket, secured ? "secureConnect" : "connect");
      socket.setNoDelay(true);
      const table = new CallTable((message) => framed.send(message));
      const framed = new FramedSocket(socket, gather, (message) => table.receive(message));
      await table.authenticate();
      return api(table, () => socket.destroy());
    },
  };

  function accept(socket) {
    socket.setNoDelay(true);
    socket.on("error", () => {});
    const handle = answer(
      (message) => framed.send(message),
      () => once(socket, "drain"),
    );
    const framed = new FramedSocket(socket, gather, handle);
  }
}
