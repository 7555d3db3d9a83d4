import { EventEmitter } from "node:events";
import {
  anonymous,
  apiKeyRecord,
  apiKeys,
  createServer,
  firstOf,
  SealwireError,
} from "../../src/presets/node.ts";

/** A server that synchronous clients of other processes call. */
export interface Served {
  readonly address: string;
  readonly pin: string;
  /** What `connectSync` is called with, as source: an anonymous client with short patience. */
  readonly args: string;
  /** Emits `hangs` and `cancelled` of the procedure `hang`, `left` of a stream, `joined`, `gone`. */
  readonly seen: EventEmitter;
  close(): Promise<void>;
}

/** Starts it on a free port. */
export async function serve(): Promise<Served> {
  const seen = new EventEmitter();
  const keys = apiKeys([await apiKeyRecord(KEY, { user: "ann" })]);
  const authenticator = firstOf(keys, anonymous());
  const server = createServer({ authenticator });
  server.procedure("secret", () => "for the proven");
  server.expose(procedures(seen), { public: true });
  server.procedure("hang", { public: true }, ({ signal }) => {
    signal.addEventListener("abort", () => seen.emit("cancelled"));
    seen.emit("hangs");
    return new Promise(() => {});
  });
  server.event("said", { public: true });
  server.onEvent("said", (data) => seen.emit("said", data));
  server.onConnect(() => void seen.emit("joined"));
  server.onDisconnect(() => void seen.emit("gone"));
  const { address } = await server.listen("tcp://127.0.0.1:0");
  const pin = await server.fingerprint();
  const args = `${JSON.stringify(String(address))}, { pin: ${JSON.stringify(pin)} }`;
  return { address: String(address), pin, args, seen, close: () => server.close() };
}

/** A free-text key that the server knows. */
export const KEY = "ann's key is quite long: 3f9c1a7e";

function procedures(seen: EventEmitter) {
  return {
    add: (a: number, b: number) => a + b,
    echo: (value: unknown) => value,
    "users.find": ({ id }: { readonly id: number }) => ({ id, name: "Ann" }),
    async *count(to: number) {
      try {
        for (let i = 1; i <= to; i++) yield i;
      } finally {
        seen.emit("left");
      }
    },
    async *tickOnce() {
      yield 1;
      await new Promise(() => {});
    },
    fail() {
      throw new SealwireError("CONFLICT", "somebody was faster", { details: { by: "tim" } });
    },
    crash() {
      throw new Error("a secret of the handler");
    },
  };
}
