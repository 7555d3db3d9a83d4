import { Inbox } from "../../bytes/inbox.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import type { Schemes } from "../../core/contracts/platform.ts";
import { endpointText } from "../../core/engine/endpoint-text.ts";
import { connect, createServer, native, sharedSecret } from "../../presets/node.ts";
import { udp, udpNetwork } from "../../transports/udp/index.ts";

/** Messages to and from one peer, whatever is spoken below. */
export interface Talk {
  readonly messages: AsyncIterable<Uint8Array>;
  /** Resolves when the message has arrived, or has at least left. */
  send(message: Uint8Array): Promise<void>;
  room(): Promise<void> | undefined;
  close(): Promise<void>;
}

/** Where both ends are, and what they know of each other. */
export interface NativeTalkOptions {
  readonly bind: Endpoint;
  readonly to: Endpoint;
  readonly secret: string;
  /** Both ends have proven themselves, or nobody asked for it. */
  readonly established: (authenticated: boolean) => void;
}

/** Waits for peers in Sealwire's own language; what is sent goes to all of them. */
export async function nativeListener(options: NativeTalkOptions): Promise<Talk> {
  const { bind, secret, established } = options;
  const schemes = { udp: { transport: udp(), dialect: native() } };
  const authenticator = secret === "" ? {} : { authenticator: sharedSecret(secret) };
  const server = createServer({ schemes, ...authenticator });
  const messages = new Inbox<Uint8Array>({ maxWaiting: MOST_WAITING });
  const open = secret === "";
  server.procedure(MESSAGE, { public: open }, (call) => put(messages, call.args.positional[0]));
  server.onConnect(() => established(!open));
  await server.listen(urlOf(bind));
  return {
    messages,
    async send(message) {
      await server.broadcast(MESSAGE, message);
    },
    room: () => undefined,
    async close() {
      messages.end();
      await server.close({ drainMs: 500 });
    },
  };
}

/** Goes to a peer that listens. */
export async function nativeCaller(options: NativeTalkOptions): Promise<Talk> {
  const { bind, to, secret, established } = options;
  const endpoint = udpNetwork().bind(bind);
  const transport = {
    ...udp(),
    connect: (_: URL, { signal }: { readonly signal: AbortSignal }) =>
      endpoint.open(to, { signal }),
  };
  const schemes: Schemes = { udp: { transport, dialect: native() } };
  const credentials = secret === "" ? {} : { credentials: { scheme: "secret", secret } as const };
  const messages = new Inbox<Uint8Array>({ maxWaiting: MOST_WAITING });
  const client = await connect(urlOf(to), { schemes, ...credentials });
  await client.onEvent(MESSAGE, (data) => put(messages, data)).ready;
  client.onState((state, error) => state === "closed" && messages.end(error));
  established(secret !== "");
  return {
    messages,
    async send(message) {
      await client.call(MESSAGE, [message]);
    },
    room: () => undefined,
    async close() {
      messages.end();
      await client.close();
      await endpoint.close();
    },
  };
}

const MESSAGE = "message";
const MOST_WAITING = 1_024;

function put(messages: Inbox<Uint8Array>, data: unknown): void {
  if (data instanceof Uint8Array) messages.put(data);
}

function urlOf(endpoint: Endpoint): string {
  return `udp://${endpointText(endpoint)}`;
}
