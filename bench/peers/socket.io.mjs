/** Socket.IO, WebSocket only, calls by acknowledgement. */
import { once } from "node:events";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { API_KEY } from "../work.mjs";

export async function serve() {
  const http = createServer();
  const server = new Server(http, { transports: ["websocket"], maxHttpBufferSize: 1e8 });
  server.use((socket, next) => {
    next(socket.handshake.auth.key === API_KEY ? undefined : new Error("refused"));
  });
  server.on("connection", (socket) => {
    socket.on("add", (a, b, reply) => reply(a + b));
    socket.on("echo", (bytes, reply) => reply(bytes));
    socket.on("stream", (count, reply) => {
      for (let i = 0; i < count; i++) socket.emit("item", { id: i, name: "item" });
      reply(true);
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return { port: http.address().port };
}

export async function connect({ port }) {
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    auth: { key: API_KEY },
  });
  let items = 0;
  socket.on("item", () => items++);
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  return {
    add: (a, b) => socket.emitWithAck("add", a, b),
    echo: (bytes) => socket.emitWithAck("echo", bytes),
    async stream(count) {
      items = 0;
      await socket.emitWithAck("stream", count);
      return items;
    },
    close: () => socket.disconnect(),
  };
}
