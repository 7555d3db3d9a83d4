/** One value, many who watch it: how each peer serves and watches. */
import { createServer as createHttp } from "node:http";
import { Kvm } from "@nats-io/kv";
import { connect as connectNats } from "@nats-io/transport-node";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient as createRedis } from "redis";
import { Server as SocketServer } from "socket.io";
import { io } from "socket.io-client";
import { natsStore } from "../dist/adapters/nats/index.js";
import { connect, createServer } from "../dist/presets/node.js";

const authenticator = { authenticate: async () => ({ id: "bench", scopes: new Set() }) };

/**
 * `serve` gives what `connect` needs: `write` for the one who writes, `watch` for the others. What
 * has two servers has the writer on one and those who watch on the other.
 */
export const FAN_OUT_PEERS = {
  "sealwire, tcp": { serve: () => serveSealwire("tcp"), connect: connectSealwire },
  "sealwire, ws": { serve: () => serveSealwire("ws"), connect: connectSealwire },
  "socket.io": { serve: serveSocketIo, connect: connectSocketIo },
  "sealwire, two over nats": { serve: serveOverNats, connect: connectSealwire },
  "socket.io, two over redis": { serve: serveOverRedis, connect: connectSocketIo },
  "nats kv directly": { serve: serveKv, connect: connectKv },
};

async function serveSealwire(scheme, store) {
  const server = createServer({ authenticator, ...(store && { state: { store } }) });
  await server.listen(`${scheme}://127.0.0.1:0`);
  const place = { url: server.address.href, pin: await server.fingerprint() };
  return { write: place, watch: place };
}

async function serveOverNats({ natsUrl, clusterKey }) {
  const options = { servers: natsUrl, clusterKey: Buffer.from(clusterKey, "hex") };
  const one = await serveSealwire("tcp", await natsStore(options));
  const other = await serveSealwire("tcp", await natsStore(options));
  return { write: one.write, watch: other.watch };
}

async function connectSealwire({ url, pin }) {
  const client = await connect(url, { pin });
  return {
    write: (value) => client.shared.set("n", value),
    watch: (tell) =>
      new Promise((onReady) => {
        (async () => {
          for await (const { value } of client.shared.watch("n", { onReady })) tell(value);
        })();
      }),
  };
}

async function listening(adapter) {
  const http = createHttp();
  const server = new SocketServer(http, { transports: ["websocket"], ...(adapter && { adapter }) });
  server.on("connection", (socket) => {
    socket.on("set", (value, reply) => {
      server.emit("n", value);
      reply(true);
    });
  });
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${http.address().port}` };
}

async function serveSocketIo() {
  const place = await listening();
  return { write: place, watch: place };
}

async function serveOverRedis({ redisUrl }) {
  const open = () => createRedis({ url: redisUrl }).connect();
  const place = async () => listening(createAdapter(await open(), await open()));
  return { write: await place(), watch: await place() };
}

async function connectSocketIo({ url }) {
  const socket = io(url, { transports: ["websocket"], forceNew: true });
  await new Promise((resolve) => socket.once("connect", resolve));
  return {
    write: (value) => socket.emitWithAck("set", value),
    watch: async (tell) => void socket.on("n", tell),
  };
}

async function serveKv({ natsUrl }) {
  const connection = await connectNats({ servers: natsUrl });
  const name = `fan${process.pid}`;
  await new Kvm(connection).create(name, { history: 16 });
  const place = { natsUrl, name };
  return { write: place, watch: place };
}

async function connectKv({ natsUrl, name }) {
  const connection = await connectNats({ servers: natsUrl });
  const bucket = await new Kvm(connection).open(name);
  return {
    write: (value) => bucket.put("n", JSON.stringify(value)),
    async watch(tell) {
      const watch = await bucket.watch({ key: "n" });
      (async () => {
        for await (const { value } of watch) tell(JSON.parse(new TextDecoder().decode(value)));
      })();
    },
  };
}
