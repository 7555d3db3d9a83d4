import { encodeBase64 } from "../../src/bytes/encode-base64.ts";
import { decodeBase64, decodeUtf8, encodeUtf8 } from "../../src/bytes/text.ts";
import type { Channel } from "../../src/core/contracts/transport.ts";
import type { Evidence } from "../../src/core/model/credentials.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import type { Principal } from "../../src/core/model/peer.ts";
import type { KeyPair } from "../../src/crypto/keys.ts";
import { nodeBox } from "../../src/crypto/providers/node-box.node.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { type NaclBoxOptions, naclBox } from "../../src/dialects/nacl-box/index.ts";
import { NODE_PLATFORM } from "../../src/presets/platform.node.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { Server } from "../../src/server/server.ts";
import { memory } from "../../src/transports/memory/memory.ts";

const crypto = nodeBox();

/** API key → user id, as the originals have it. */
export const USERS: ReadonlyMap<string, string | number> = new Map<string, string | number>([
  ["abc", 1],
  ["key-ü", "alice"],
  ["zero", 0],
  ["empty", ""],
]);

/** Judges API keys by that table. */
export async function judge(evidence: Evidence): Promise<Principal> {
  const id = evidence.scheme === "api-key" ? USERS.get(evidence.key) : undefined;
  if (id !== undefined) return { id, scopes: new Set() };
  throw new SealwireError("UNAUTHENTICATED", "nobody has this key");
}

/** A server of the dialect in memory, and connections to it without a dialect. */
export interface BoxServer {
  readonly server: Server;
  connect(): Promise<OriginalClient>;
  close(): Promise<void>;
}

/** @param register what the server offers */
export async function boxServer(
  register: (server: Server) => void,
  options: { readonly dialect?: NaclBoxOptions; readonly server?: ServerOptions } = {},
): Promise<BoxServer> {
  const transport = memory({ boundaries: "kept" });
  const dialect = naclBox({ crypto, ...options.dialect });
  const schemes = { memory: { transport, dialect } };
  const given = { authenticator: { authenticate: judge }, ...options.server };
  const surroundings = { platform: NODE_PLATFORM, schemes, fingerprint: async () => "none" };
  const server = new Server(given, surroundings);
  register(server);
  const { address } = await server.listen("memory://localhost");
  const { signal } = new AbortController();
  const { publicKey } = await dialect.identity();
  const connect = async () =>
    new OriginalClient(await transport.connect(address, { signal }), publicKey);
  return { server, connect, close: () => server.close({ drainMs: 0 }) };
}

/** What came back: opened, if it was sealed. */
export interface Answer {
  readonly sealed: boolean;
  readonly text: string;
}

/** Speaks as the original clients do, and says whatever a test likes. */
export class OriginalClient {
  readonly keys: KeyPair;
  readonly #channel: Channel;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #boxKey: Uint8Array;

  constructor(channel: Channel, serverKey: Uint8Array) {
    const secretKey = randomBytes(32);
    this.keys = { secretKey, publicKey: crypto.publicKey(secretKey) };
    this.#channel = channel;
    this.#chunks = channel[Symbol.asyncIterator]();
    this.#boxKey = crypto.boxKey(serverKey, secretKey);
  }

  /** Our public key as the wire has it. */
  get ownKey(): string {
    return encodeBase64(this.keys.publicKey);
  }

  send(...bodies: readonly (string | Uint8Array)[]): void {
    this.#channel.write(bodies.map((body) => (typeof body === "string" ? encodeUtf8(body) : body)));
  }

  /** An envelope around a plaintext; fields may be others. */
  envelope(plain: unknown, fields: Readonly<Record<string, unknown>> = {}): string {
    const text = typeof plain === "string" ? plain : JSON.stringify(plain);
    const nonce = randomBytes(24);
    const box = crypto.sealBox(this.#boxKey, nonce, encodeUtf8(text));
    const cipher = encodeBase64(Uint8Array.of(...nonce, ...box));
    return JSON.stringify({ type: "RPC", client_pubkey: this.ownKey, cipher, ...fields });
  }

  /** The next frame, opened as the original clients open it: by trying. */
  async answer(): Promise<Answer> {
    const { done, value } = await this.#chunks.next();
    if (done) throw new Error("the server closed the connection");
    const text = decodeUtf8(value) ?? "";
    const record = decodeBase64(text);
    const plain =
      record && crypto.openBox(this.#boxKey, record.subarray(0, 24), record.subarray(24));
    return plain ? { sealed: true, text: decodeUtf8(plain) ?? "" } : { sealed: false, text };
  }

  ask(body: string | Uint8Array): Promise<Answer> {
    this.send(body);
    return this.answer();
  }

  /** A call, sealed; the reply as it was written. */
  call(func: string, args: readonly unknown[] = [], key: unknown = "abc"): Promise<Answer> {
    return this.ask(this.envelope({ func, args, kwargs: {}, api_key: key }));
  }

  close(): Promise<void> {
    return this.#channel.close();
  }
}

/** A sealed success. */
export function ok(result: unknown): Answer {
  return { sealed: true, text: `{"status": "ok", "result": ${JSON.stringify(result)}}` };
}

/** A failure in clear; letters beyond ASCII as Python escapes them. */
export function failed(error: string): Answer {
  const text = JSON.stringify(error).replaceAll(
    /[^ -~]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return { sealed: false, text: `{"status": "error", "error": ${text}}` };
}
