import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { manualClock } from "../../testing/manual-clock.ts";
import { LastingStream } from "./lasting-stream.ts";
import type { Udx, UdxSocket, UdxStream } from "./udx.ts";
import type { UdxLanding } from "./udx-landing.ts";

/** A stream of udx whose other side is the test. */
class Fake extends EventEmitter implements UdxStream {
  packetsReceived = 0;
  inflight = 0;
  rtt = 0;
  bbrBandwidth = 0;
  destroying = false;
  readonly written: Uint8Array[] = [];
  readonly #landing: UdxLanding;
  constructor(landing: UdxLanding) {
    super();
    this.#landing = landing;
  }
  /** The other side sends bytes. */
  arrive(bytes: Uint8Array): void {
    this.#landing.room.set(bytes);
    this.#landing.landed(bytes.length);
  }
  connect(): void {}
  changeRemote(): null {
    return null;
  }
  write(bytes: Uint8Array): boolean {
    return this.written.push(bytes) > 0;
  }
  end(): void {}
  destroy(): void {
    this.destroying = true;
  }
}

const socket: UdxSocket = Object.assign(new EventEmitter(), {
  bind: () => {},
  address: () => ({ host: "", port: 0 }),
  setRecvBufferSize: () => {},
  setSendBufferSize: () => {},
  trySend: () => {},
  close: async () => {},
});

/** A lasting stream, its streams of udx so far, and what it has told. */
function made(taken: (bytes: Uint8Array) => number | undefined = ({ length }) => length) {
  const streams: Fake[] = [];
  const told: string[] = [];
  const clock = manualClock(1_000);
  const udx: Udx = {
    createSocket: () => socket,
    createStream(_id, { landing }) {
      const stream = new Fake(landing);
      streams.push(stream);
      return stream;
    },
  };
  const stream = new LastingStream({
    ...{ udx, clock, place: { socket, remote: { host: "", port: 1 } } },
    numbers: (epoch) => ({ local: epoch, remote: epoch }),
    onBytes: taken,
    needed: () => 1,
    received: () => 0,
    onRestart: () => told.push("restart"),
    onRoom: () => {},
    onClosed: () => told.push("closed"),
    onRenewing: () => told.push("renewing"),
    onBroken: (why) => told.push(why),
  });
  return { stream, streams, told, clock };
}

const at = (epoch: number, received: number) => ({ epoch, received, arrived: received });

test("sends again what the other side lacks although udx has it acknowledged", () => {
  const { stream, streams, told, clock } = made();
  stream.write([{ bytes: new Uint8Array(50) }]);
  stream.write([{ bytes: new Uint8Array(10) }]);
  stream.hear(at(0, 50));
  clock.advance(700);
  expect(told).toEqual([]);
  stream.hear(at(0, 50));
  expect(told).toEqual(["restart", "renewing"]);
  stream.hear(at(1, 50));
  expect(streams.at(-1)?.written).toEqual([new Uint8Array(10)]);
});

test("waits longer where what it hears was said long ago", () => {
  const { stream, streams, told, clock } = made();
  stream.write([{ bytes: new Uint8Array(50) }]);
  const [first] = streams;
  if (first === undefined) throw new Error("unreachable");
  first.rtt = 400;
  stream.hear(at(0, 0));
  clock.advance(1_199);
  stream.hear(at(0, 0));
  expect(told).toEqual([]);
  clock.advance(1);
  stream.hear(at(0, 0));
  expect(told).toEqual(["restart", "renewing"]);
});

test("waits while something arrives, be it slowly, and where everything has arrived", () => {
  const { stream, told, clock } = made();
  stream.write([{ bytes: new Uint8Array(60) }]);
  for (const arrived of [0, 10, 20, 60, 60]) {
    stream.hear({ epoch: 0, received: 0, arrived });
    clock.advance(1_000);
  }
  expect(told).toEqual([]);
});

test("takes what comes after a break before it is told what to send again", () => {
  const got: Uint8Array[] = [];
  const { stream, streams } = made((bytes) => {
    got.push(bytes.slice());
    return bytes.length;
  });
  stream.write([{ bytes: new Uint8Array(60) }]);
  stream.renew();
  streams[1]?.arrive(Uint8Array.of(7));
  streams[1]?.emit("close");
  expect(got).toEqual([Uint8Array.of(7)]);
  expect(streams[1]?.written).toEqual([]);
  stream.hear(at(2, 20));
  expect(streams[2]?.written).toEqual([new Uint8Array(40)]);
});

test("an end that was not announced is damage, and begins the stream anew", () => {
  const { streams, told } = made();
  streams[0]?.emit("end");
  expect(told).toEqual(["restart", "renewing"]);
});

test("gives up where nothing comes but damage", () => {
  const { stream, streams, told } = made(() => undefined);
  for (let epoch = 0; !told.some((word) => word.includes("damaged")); epoch++) {
    streams.at(-1)?.arrive(new Uint8Array(5));
    if (stream.epoch > epoch) stream.hear(at(stream.epoch, 0));
    expect(epoch).toBeLessThan(100);
  }
  expect(streams.length).toBe(65);
});
