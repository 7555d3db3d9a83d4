import { expect, test } from "vitest";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { NOBLE_SYMMETRIC } from "../crypto/providers/noble-symmetric.ts";
import { manualClock } from "../testing/manual-clock.ts";
import type { Path, ProbeSocket } from "./path.ts";
import { ProbeSeal } from "./probe-seal.ts";
import { Prober } from "./prober.ts";

const [ONE, TWO] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const session = new Uint8Array(8).fill(9);
const MANY = 300;

/** A prober, the other side's seal, and what was sent through each socket. */
function proberAndOther() {
  const sent: { readonly number: number; readonly bytes: Uint8Array }[] = [];
  const socketOf = (number: number): ProbeSocket => ({
    number,
    send: (bytes) => void sent.push({ number, bytes }),
  });
  const first = socketOf(0);
  const pinged: Path[] = [];
  const prober = new Prober({
    clock: manualClock(),
    seal: new ProbeSeal({ session, sending: ONE, receiving: TWO }, NOBLE_SYMMETRIC),
    ...{ socket: first, place: () => undefined, onPong: () => {} },
    onPing: (path) => void pinged.push(path),
  });
  const other = new ProbeSeal({ session, sending: TWO, receiving: ONE }, NOBLE_SYMMETRIC);
  return { prober, other, first, socketOf, sent, pinged };
}

const PING = { kind: "ping", chosen: true, burst: 0, echo: 0, place: undefined } as const;
const place = (port: number): Endpoint => ({ host: "192.0.2.7", port });

/** Hundreds of sockets of a birthday have sent to a port of the other side and were answered. */
function manyAnswered({ prober, other, socketOf }: ReturnType<typeof proberAndOther>): void {
  for (let number = 1; number <= MANY; number++) {
    const socket = socketOf(number);
    prober.ping({ socket, remote: place(7) });
    const pong = {
      kind: "pong",
      chosen: false,
      burst: 0,
      echo: number,
      place: undefined,
    } as const;
    prober.take(other.seal(pong).bytes, place(7), socket);
  }
}

test("hears a question at its first socket, however many others were answered", () => {
  const world = proberAndOther();
  manyAnswered(world);
  world.prober.take(world.other.seal(PING).bytes, place(8), world.first);
  expect(world.pinged).toMatchObject([{ remote: place(8), socket: { number: 0 } }]);
  expect(world.prober.paths.length).toBeLessThan(MANY);
});

test("gives no answer on a path that it has no room for", () => {
  const world = proberAndOther();
  manyAnswered(world);
  const before = world.sent.length;
  world.prober.take(world.other.seal(PING).bytes, place(9), world.socketOf(MANY + 1));
  expect([world.pinged, world.sent.length]).toEqual([[], before]);
});
