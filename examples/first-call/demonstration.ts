import {
  anonymous,
  apiKeys,
  createServer,
  firstOf,
  issueApiKey,
  type Listening,
  SealwireError,
  type Server,
  throttled,
} from "sealwire";
import { type NodeWebSocketOptions, websocket } from "sealwire/transports/websocket";
import { pageAnswers } from "./page-answers.ts";
import register from "./server.ts";

/** The demonstration while it runs, and what one must know to call it. */
export interface Demonstration {
  readonly tcp: URL;
  readonly webSocket: URL;
  /** Where the page is: the same port as the WebSocket. */
  readonly page: URL;
  /** The key of the user `you`. */
  readonly key: string;
  /** By which clients know this server. */
  readonly fingerprint: string;
  /** Ports that were taken, so that free ones stand in for them. */
  readonly taken: readonly number[];
  /** Finishes what runs, tells the peers, closes. */
  close(): Promise<void>;
}

/** Where it listens, on loopback. */
export interface Ports {
  readonly tcp: number;
  readonly webSocket: number;
}

/** Starts the server of this example over TCP and WebSocket, with a page beside it. */
export async function startDemonstration(ports: Ports): Promise<Demonstration> {
  const you = await issueApiKey({ user: "you" });
  // The page gets a key of its own: it can be told apart, and it is not the one you copy.
  const page = await issueApiKey({ user: "page" });
  const server = createServer({
    name: "first-call",
    description: "The demonstration of Sealwire",
    authenticator: throttled(firstOf(apiKeys([you.record, page.record]), anonymous())),
  });
  register(server);
  const fingerprint = await server.fingerprint();
  const request = pageAnswers({ fingerprint, key: page.key });
  const taken: number[] = [];
  const tcp = await listen(server, "tcp", ports.tcp, taken);
  const webSocket = await listen(server, "ws", ports.webSocket, taken, { request });
  return {
    ...{ tcp: tcp.address, webSocket: webSocket.address, key: you.key, fingerprint, taken },
    page: new URL(`http://${webSocket.address.host}/`),
    close: () => server.close({ drainMs: 3_000 }),
  };
}

/** Listens on the port, or on a free one when somebody else has it. */
async function listen(
  server: Server,
  scheme: "tcp" | "ws",
  port: number,
  taken: number[],
  web?: NodeWebSocketOptions,
): Promise<Listening> {
  const address = `${scheme}://127.0.0.1:${port}`;
  const options = web === undefined ? {} : { transport: websocket(web) };
  try {
    return await server.listen(address, options);
  } catch (thrown) {
    if (SealwireError.from(thrown).code !== "ALREADY_EXISTS") throw thrown;
    taken.push(port);
    return server.listen(`${scheme}://127.0.0.1:0`, options);
  }
}
