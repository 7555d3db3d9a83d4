/** WebSocket with msgpackr, as one would write it by hand. */
import { once } from "node:events";
import { Packr } from "msgpackr";
import { WebSocket, WebSocketServer } from "ws";
import { answer, api, CallTable } from "../call-table.mjs";

const HIGH_WATER_BYTES = 1024 * 1024;

export async function serve() {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("connection", (socket) => {
    const packr = new Packr({ useRecords: false });
    let latest = Promise.resolve();
    const send = (message) => {
      const room = socket.bufferedAmount < HIGH_WATER_BYTES;
      if (room) socket.send(packr.pack(message));
      else latest = new Promise((sent) => socket.send(packr.pack(message), sent));
      return room;
    };
    const handle = answer(send, () => latest);
    socket.on("message", (bytes) => handle(packr.unpack(bytes)));
  });
  await once(server, "listening");
  return { port: server.address().port };
}

export async function connect({ port }) {
  const packr = new Packr({ useRecords: false });
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  const table = new CallTable((message) => socket.send(packr.pack(message)));
  socket.on("message", (bytes) => table.receive(packr.unpack(bytes)));
  await once(socket, "open");
  await table.authenticate();
  return api(table, () => socket.terminate());
}
