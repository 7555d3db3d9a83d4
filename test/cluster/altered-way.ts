import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** What becomes of a payload that the engine says under a subject; `undefined`: nobody hears it. */
export type Alteration = (subject: string, payload: Buffer) => Buffer | undefined;

/** A way to nats-server on which what it says may be lost or altered. */
export interface AlteredWay {
  readonly port: number;
  /** Holds for everything that comes from now on. */
  alter(alteration: Alteration): void;
  close(): Promise<void>;
}

/** Opens a way to a port of the loopback, which at first alters nothing. */
export async function alteredWay(to: number): Promise<AlteredWay> {
  let alteration: Alteration = (_subject, payload) => payload;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    near.pipe(far);
    const said = new Said((subject, payload) => alteration(subject, payload));
    far.on("data", (chunk) => near.write(said.pass(chunk)));
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => (socket === near ? far : near).destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    alter(other) {
      alteration = other;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** What nats-server says on one connection: lines, some of them with a payload behind. */
class Said {
  readonly #alter: Alteration;
  #rest: Buffer = Buffer.alloc(0);

  constructor(alter: Alteration) {
    this.#alter = alter;
  }

  /** What is passed on of all that has come whole by now. */
  pass(chunk: Buffer): Buffer {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const passed: Buffer[] = [];
    for (let next = this.#next(); next; next = this.#next()) passed.push(next);
    return Buffer.concat(passed);
  }

  #next(): Buffer | undefined {
    const end = this.#rest.indexOf("\r\n");
    if (end < 0) return undefined;
    const [kind, subject = "", ...more] = this.#rest.toString("latin1", 0, end).split(" ");
    const isMessage = kind === "MSG" || kind === "HMSG";
    const length = isMessage ? Number(more.at(-1)) + 2 : 0;
    if (this.#rest.length < end + 2 + length) return undefined;
    const whole = this.#rest.subarray(0, end + 2 + length);
    this.#rest = this.#rest.subarray(whole.length);
    if (!isMessage) return whole;
    const begin = end + 2 + (kind === "HMSG" ? Number(more.at(-2)) : 0);
    const payload = this.#alter(subject, whole.subarray(begin, -2));
    if (!payload) return Buffer.alloc(0);
    return Buffer.concat([whole.subarray(0, begin), payload, whole.subarray(-2)]);
  }
}
