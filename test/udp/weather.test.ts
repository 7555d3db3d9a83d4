import { createHash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { connect, createServer, sharedSecret } from "../../src/presets/node.ts";
import { tell, WHOLE } from "../tools/figures.ts";
import { relay, type Weather } from "../tools/relay.ts";

const SECRET = Uint8Array.from({ length: 32 }, (_, at) => (at * 151 + 43) & 0xff);
const PIECE_BYTES = 65_536;
const STORM: Weather = { dup: 10, reorder: 10, corrupt: 1, loss: 5 };
const SEEDS = WHOLE ? [1, 2, 3, 4, 5] : [1, 2];
const MEGABYTES = WHOLE ? 20 : 5;
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const piece = (at: number) =>
  Uint8Array.from(
    { length: PIECE_BYTES },
    (_, index) => (index * 7 + at * 13 + (index >> 9)) & 0xff,
  );

/** A client of a server that streams so many pieces, with weather between them. */
async function served(pieces: number, weather: Weather, seed: number) {
  const server = createServer({ authenticator: sharedSecret(SECRET) });
  server.procedure("fetch", async function* () {
    for (let at = 0; at < pieces; at++) yield piece(at);
  });
  const { address } = await server.listen("udp://127.0.0.1:0");
  closers.push(() => server.close());
  const between = await relay({ to: Number(address.port) }, weather, seed);
  closers.push(() => between.close());
  const client = await connect(`udp://127.0.0.1:${between.port}`, {
    credentials: { scheme: "secret", secret: SECRET },
  });
  closers.push(() => client.close());
  return { client, between };
}

test.each(SEEDS)(
  "a storm of everything changes no byte and stops nothing for long, seed %i",
  async (seed) => {
    const pieces = Math.ceil((MEGABYTES * 1e6) / PIECE_BYTES);
    const sent = createHash("sha256");
    for (let at = 0; at < pieces; at++) sent.update(piece(at));
    const { client } = await served(pieces, STORM, seed);
    const received = createHash("sha256");
    const beganMs = performance.now();
    let [lastMs, stallMs] = [beganMs, 0];
    for await (const got of client.stream("fetch", [])) {
      if (!(got instanceof Uint8Array)) throw new Error("not bytes");
      received.update(got);
      const nowMs = performance.now();
      stallMs = Math.max(stallMs, nowMs - lastMs);
      lastMs = nowMs;
    }
    const speed = (pieces * PIECE_BYTES) / 1e3 / (lastMs - beganMs);
    const figure = `longest stall ${stallMs.toFixed(0)} ms, ${speed.toFixed(2)} MB/s`;
    tell(
      `native, dup 10 reorder 10 corrupt 1 loss 5, ${MEGABYTES} MB, seed ${seed}`,
      "digest equal, no stall > 3 s",
      figure,
    );
    expect(received.digest("hex")).toBe(sent.digest("hex"));
    expect(stallMs).toBeLessThan(3_000);
  },
  120_000,
);
