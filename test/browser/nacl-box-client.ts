/** What of libsodium-wrappers such a client uses. */
export interface Sodium {
  readonly ready: Promise<void>;
  crypto_box_keypair(): KeyPair;
  crypto_box_easy(
    plain: string,
    nonce: Uint8Array,
    publicKey: Uint8Array,
    secretKey: Uint8Array,
  ): Uint8Array;
  crypto_box_open_easy(
    box: Uint8Array,
    nonce: Uint8Array,
    publicKey: Uint8Array,
    secretKey: Uint8Array,
  ): Uint8Array;
  randombytes_buf(length: number): Uint8Array;
  to_string(bytes: Uint8Array): string;
  to_base64(bytes: Uint8Array, variant: number): string;
  from_base64(text: string, variant: number): Uint8Array;
}

/** What the server said in place of a result. */
export class ServerSaid extends Error {}

interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/**
 * A page's client of the HELLO / RPC wire as the original's is made: libsodium, WebSocket, one
 * frame for each request, the next frame is the answer. Written from the note on the wire.
 */
export class OriginalBrowserClient {
  readonly #sodium: Sodium;
  readonly #socket: WebSocket;
  readonly #keys: KeyPair;
  readonly #serverKey: Uint8Array;
  readonly #apiKey: string | undefined;

  private constructor(
    sodium: Sodium,
    socket: WebSocket,
    keys: KeyPair,
    serverKey: Uint8Array,
    apiKey: string | undefined,
  ) {
    this.#sodium = sodium;
    this.#socket = socket;
    this.#keys = keys;
    this.#serverKey = serverKey;
    this.#apiKey = apiKey;
  }

  static async connect(
    sodium: Sodium,
    url: string,
    apiKey?: string,
  ): Promise<OriginalBrowserClient> {
    await sodium.ready;
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    await heard(socket, "open");
    const keys = sodium.crypto_box_keypair();
    const greeting = { type: "HELLO", client_pubkey: toText(sodium, keys.publicKey) };
    const answer = JSON.parse(await ask(socket, JSON.stringify(greeting)));
    if (answer.type !== "HELLO_ACK") throw new ServerSaid(answer.error);
    const serverKey = toBytes(sodium, answer.server_pubkey);
    return new OriginalBrowserClient(sodium, socket, keys, serverKey, apiKey);
  }

  async call(func: string, ...args: unknown[]): Promise<unknown> {
    const answer = this.#opened(await ask(this.#socket, this.envelope(func, args)));
    if (answer.status === "ok") return answer.result;
    throw new ServerSaid(answer.error);
  }

  /** A sealed request; without a key the field is left out, as JSON leaves out what is undefined. */
  envelope(func: string, args: readonly unknown[]): string {
    const call = JSON.stringify({ func, args, kwargs: {}, api_key: this.#apiKey });
    const sodium = this.#sodium;
    const nonce = sodium.randombytes_buf(NONCE_BYTES);
    const { privateKey, publicKey } = this.#keys;
    const box = sodium.crypto_box_easy(call, nonce, this.#serverKey, privateKey);
    const cipher = toText(sodium, Uint8Array.of(...nonce, ...box));
    return JSON.stringify({ type: "RPC", client_pubkey: toText(sodium, publicKey), cipher });
  }

  /** Sends anything, and takes the next frame as the answer. */
  raw(body: string | Uint8Array<ArrayBuffer>): Promise<string> {
    return ask(this.#socket, body);
  }

  close(): void {
    this.#socket.close();
  }

  #opened(frame: string): { status?: string; result?: unknown; error?: string } {
    const sodium = this.#sodium;
    try {
      const record = toBytes(sodium, frame);
      const [nonce, box] = [record.subarray(0, 24), record.subarray(24)];
      const plain = sodium.crypto_box_open_easy(box, nonce, this.#serverKey, this.#keys.privateKey);
      return JSON.parse(sodium.to_string(plain));
    } catch {
      return JSON.parse(frame);
    }
  }
}

async function ask(socket: WebSocket, body: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const answer = heard(socket, "message");
  socket.send(body);
  const event = await answer;
  if (event instanceof MessageEvent && typeof event.data === "string") return event.data;
  throw new Error("the server sent no text");
}

function heard(socket: WebSocket, name: "open" | "message"): Promise<Event> {
  return new Promise((resolve, reject) => {
    socket.addEventListener(name, resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("no connection")), { once: true });
  });
}

/** The standard alphabet with padding, `base64_variants.ORIGINAL` of libsodium. */
const ORIGINAL = 1;
const NONCE_BYTES = 24;

function toText(sodium: Sodium, bytes: Uint8Array): string {
  return sodium.to_base64(bytes, ORIGINAL);
}

function toBytes(sodium: Sodium, text: string): Uint8Array {
  return sodium.from_base64(text, ORIGINAL);
}
