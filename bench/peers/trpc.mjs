/** tRPC over WebSocket. Its wire is JSON, so bytes travel as base64. */
import { once } from "node:events";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { initTRPC, TRPCError } from "@trpc/server";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { WebSocket, WebSocketServer } from "ws";
import { API_KEY } from "../work.mjs";

const asIs = (value) => value;

function router() {
  const t = initTRPC.context().create();
  const procedure = t.procedure.use(({ ctx, next }) => {
    if (ctx.key !== API_KEY) throw new TRPCError({ code: "UNAUTHORIZED" });
    return next();
  });
  return t.router({
    add: procedure.input(asIs).query(({ input }) => input.a + input.b),
    echo: procedure.input(asIs).mutation(({ input }) => {
      return Buffer.from(input, "base64").toString("base64");
    }),
    stream: procedure.input(asIs).subscription(async function* ({ input }) {
      for (let i = 0; i < input; i++) yield { id: i, name: "item" };
    }),
  });
}

export async function serve() {
  const wss = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  const createContext = ({ info }) => ({ key: info.connectionParams?.key });
  applyWSSHandler({ wss, router: router(), createContext });
  await once(wss, "listening");
  return { port: wss.address().port };
}

export async function connect({ port }) {
  const socket = createWSClient({
    url: `ws://127.0.0.1:${port}`,
    WebSocket,
    connectionParams: { key: API_KEY },
  });
  const client = createTRPCClient({ links: [wsLink({ client: socket })] });
  const add = (a, b) => client.add.query({ a, b });
  // The parameters are judged with the first call.
  await add(1, 1);
  return {
    add,
    async echo(bytes) {
      return Buffer.from(await client.echo.mutate(Buffer.from(bytes).toString("base64")), "base64");
    },
    stream: (count) => countItems(client, count),
    close: () => socket.close(),
  };
}

function countItems(client, count) {
  return new Promise((resolve, reject) => {
    let items = 0;
    const onData = () => items++;
    const onComplete = () => resolve(items);
    client.stream.subscribe(count, { onData, onComplete, onError: reject });
  });
}
