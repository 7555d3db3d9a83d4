/** gRPC in JavaScript over HTTP/2 without TLS; the key travels with each call. */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { API_KEY } from "../work.mjs";

const LIMITS = {
  "grpc.max_receive_message_length": 64 * 1024 * 1024,
  "grpc.max_send_message_length": 64 * 1024 * 1024,
};

const FILE = fileURLToPath(new URL("../bench.proto", import.meta.url));
const { Bench } = grpc.loadPackageDefinition(loadSync(FILE)).bench;

function unary(work) {
  return (call, reply) => {
    if (call.metadata.get("key")[0] === API_KEY) reply(null, work(call.request));
    else reply({ code: grpc.status.UNAUTHENTICATED, details: "refused" });
  };
}

async function sendItems(call) {
  const { count } = call.request;
  for (let i = 0; i < count; i++) {
    if (!call.write({ id: i, name: "item" })) await once(call, "drain");
  }
  call.end();
}

export async function serve() {
  const server = new grpc.Server(LIMITS);
  server.addService(Bench.service, {
    add: unary(({ a, b }) => ({ sum: a + b })),
    echo: unary(({ data }) => ({ data })),
    stream: sendItems,
  });
  const port = await new Promise((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return { port };
}

export async function connect({ port }) {
  const client = new Bench(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
    ...LIMITS,
    "grpc.use_local_subchannel_pool": 1,
  });
  const key = new grpc.Metadata();
  key.set("key", API_KEY);
  const call = (name, request) =>
    new Promise((resolve, reject) => {
      client[name](request, key, (error, response) => (error ? reject(error) : resolve(response)));
    });
  const add = async (a, b) => (await call("add", { a, b })).sum;
  await add(1, 1);
  return {
    add,
    echo: async (data) => (await call("echo", { data })).data,
    stream: (count) => countItems(client.stream({ count }, key)),
    close: () => client.close(),
  };
}

function countItems(stream) {
  return new Promise((resolve, reject) => {
    let items = 0;
    stream.on("data", () => items++);
    stream.on("end", () => resolve(items));
    stream.on("error", reject);
  });
}
