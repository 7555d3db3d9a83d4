import { AsyncLocalStorage } from "node:async_hooks";
import type { Client } from "../../src/client/client.ts";
import { connectTo } from "../../src/client/connect.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import type { Clock } from "../../src/core/contracts/clock.ts";
import type { Logger } from "../../src/core/contracts/logger.ts";
import type { Platform, Schemes } from "../../src/core/contracts/platform.ts";
import type { Call } from "../../src/core/model/call.ts";
import { formatPublicKey } from "../../src/crypto/format-keys.ts";
import { nodeCryptoProvider } from "../../src/crypto/providers/node.node.ts";
import { type NativeDialect, native } from "../../src/dialects/native/index.ts";
import { systemClock } from "../../src/presets/system-clock.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { Server } from "../../src/server/server.ts";
import { memory } from "../../src/transports/memory/memory.ts";
import { type TappedTransport, tapped } from "./tapped.ts";

/** One server in memory, clients for it, and a hand on everything between them. */
export interface World {
  readonly server: Server;
  readonly transport: TappedTransport;
  readonly dialect: NativeDialect;
  readonly platform: Platform;
  readonly schemes: Schemes;
  /** Every line of the server's log. */
  readonly lines: readonly LogLine[];
  connect(options?: ClientOptions): Promise<Client>;
  close(): Promise<void>;
}

/** One line of a log. */
export interface LogLine {
  readonly level: keyof Logger;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** What may be different in a world. */
export interface WorldOptions extends ServerOptions {
  readonly clock?: Clock;
  /** How many bytes may wait between the two ends. */
  readonly maxWaitingBytes?: number;
}

/** The clock of the machine, for tests in which time plays no part. */
export const REAL_CLOCK: Clock = systemClock((ms, run) => {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
});

/** Where the server of a world listens. */
export const ADDRESS = "memory://world";

export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const { clock = REAL_CLOCK, maxWaitingBytes, ...rest } = options;
  const transport = tapped(memory({ ...(maxWaitingBytes !== undefined && { maxWaitingBytes }) }));
  const dialect = native({ crypto: nodeCryptoProvider() });
  const { publicKey } = await dialect.identity();
  const platform = platformWith(clock);
  const schemes = { memory: { transport, dialect } };
  const lines: LogLine[] = [];
  const server = new Server(
    { logger: logInto(lines), ...rest },
    { platform, schemes, fingerprint: async () => formatPublicKey(publicKey) },
  );
  await server.listen(ADDRESS);
  const clients: Client[] = [];
  return {
    ...{ server, transport, dialect, platform, schemes, lines },
    async connect(clientOptions = {}) {
      const known = { serverKeys: [publicKey], reconnect: false as const, ...clientOptions };
      const client = await connectTo(ADDRESS, known, { platform, schemes });
      clients.push(client);
      return client;
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()));
      await server.close({ drainMs: 0 });
    },
  };
}

/** Lets everything go on that waits for nothing but its turn. */
export async function turns(count = 12): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Node's turns and context over any clock. */
export function platformWith(clock: Clock): Platform {
  return {
    clock,
    turn: { endOfTurn: (run) => process.nextTick(run) },
    context() {
      const storage = new AsyncLocalStorage<Call>();
      return {
        run: (call, action) => storage.run(call, action),
        current: () => storage.getStore(),
      };
    },
  };
}

/** A logger that keeps its lines. */
export function logInto(lines: LogLine[]): Logger {
  const into = (level: keyof Logger) => (fields: object, message: string) =>
    void lines.push({ level, fields: { ...fields }, message });
  return { debug: into("debug"), info: into("info"), warn: into("warn"), error: into("error") };
}
