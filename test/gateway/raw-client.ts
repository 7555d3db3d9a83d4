import { type ClientOptions, WebSocket } from "ws";

/** A client of the proxy that says exactly what it is told, and shows what it hears. */
export interface RawClient {
  send(frame: unknown): void;
  sendText(text: string): void;
  sendBytes(bytes: Uint8Array): void;
  /** The next frame. */
  next(): Promise<Readonly<Record<string, unknown>>>;
  /** The next frame of this type, or status; those before it are skipped. */
  until(word: string): Promise<Readonly<Record<string, unknown>>>;
  /** Resolves with the closing code. */
  readonly closed: Promise<number>;
  close(): void;
}

/** How a request to upgrade was refused. */
export interface Refusal {
  readonly status: number;
  readonly body: unknown;
}

/** Connects; rejects with a `Refusal` when the proxy says no. */
export function rawClient(url: string | URL, options: ClientOptions = {}): Promise<RawClient> {
  const webSocket = new WebSocket(url, options);
  const frames: Readonly<Record<string, unknown>>[] = [];
  const readers: ((frame: Readonly<Record<string, unknown>>) => void)[] = [];
  webSocket.on("message", (data) => {
    const frame = JSON.parse(String(data));
    const reader = readers.shift();
    if (reader) reader(frame);
    else frames.push(frame);
  });
  const closed = new Promise<number>((resolve) => webSocket.on("close", resolve));
  const next = () => {
    const frame = frames.shift();
    if (frame) return Promise.resolve(frame);
    return new Promise<Readonly<Record<string, unknown>>>((resolve) => readers.push(resolve));
  };
  const client: RawClient = {
    send: (frame) => webSocket.send(JSON.stringify(frame)),
    sendText: (text) => webSocket.send(text),
    sendBytes: (bytes) => webSocket.send(bytes),
    next,
    async until(word) {
      for (;;) {
        const frame = await next();
        if (frame["type"] === word || frame["status"] === word) return frame;
      }
    },
    closed,
    close: () => webSocket.close(),
  };
  return new Promise((resolve, reject) => {
    webSocket.on("open", () => resolve(client));
    webSocket.on("unexpected-response", (_, response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        const body = JSON.parse(Buffer.concat(chunks).toString() || "null");
        reject({ status: response.statusCode ?? 0, body } satisfies Refusal);
      });
    });
    webSocket.on("error", reject);
  });
}
