// A peer in the laboratory. Takes commands as lines of JSON, `{"id":1,"do":"connect",…}`, answers
// each with `{"id":1,…}`, and prints each status as `{"at":…,"session":…,"status":…}`.
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { createPeer, createServer, sharedSecret } from "../../dist/presets/node.js";

/** Longer pauses between two pieces are told. */
const GAP_MS = 150;

const say = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);

const state = { server: undefined, client: undefined, flow: undefined };

function peerOf({ rendezvous, key }) {
  return createPeer({
    rendezvous,
    key: Buffer.from(key, "hex"),
    onStatus: ({ error, ...status }, session) =>
      say({ at: Date.now(), session, ...status, ...(error && { error: error.code }) }),
  });
}

/** The content of a piece follows from its number. */
function pieceOf(number, bytes) {
  const piece = new Uint32Array(bytes / 4);
  let value = (number + 1) * 0x9e3779b1;
  for (let i = 0; i < piece.length; i++) {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0;
    piece[i] = value;
  }
  return new Uint8Array(piece.buffer);
}

/** Pieces from a number on, at a steady pace as far as the way allows. */
async function* pieces(from, bytes, paceMs) {
  const beganMs = performance.now();
  for (let number = from; ; number++) {
    const dueMs = beganMs + (number - from) * paceMs;
    const earlyMs = dueMs - performance.now();
    if (earlyMs > 1) await wait(earlyMs);
    yield { number, piece: pieceOf(number, bytes) };
  }
}

const commands = {
  async listen(wanted) {
    await state.server?.close({ drainMs: 0 });
    const peer = await peerOf(wanted);
    state.server = createServer({ authenticator: sharedSecret(peer.secret) });
    state.server.expose({ echo: (value) => value });
    state.server.procedure("pieces", {}, ({ args }) => pieces(...args.positional));
    await peer.listen(state.server);
    return {};
  },

  async connect(wanted) {
    const peer = await peerOf(wanted);
    const beganAt = Date.now();
    state.client = await peer.connect({ connectTimeoutMs: wanted.timeoutMs });
    return { beganAt, at: Date.now() };
  },

  async call() {
    const beganAt = Date.now();
    await state.client.call("echo", [beganAt], { timeoutMs: 20_000, idempotent: true });
    return { beganAt, at: Date.now() };
  },

  /** Takes pieces until `stop`; after a break it goes on where it was. */
  async flow({ bytes, paceMs }) {
    const told = { pieces: 0, wrong: 0, breaks: 0, gaps: [], beganAt: Date.now(), lastAt: 0 };
    const over = new AbortController();
    state.flow = { told, stop: () => over.abort() };
    while (!over.signal.aborted) {
      try {
        await take(told, { bytes, paceMs, signal: over.signal });
      } catch (thrown) {
        if (over.signal.aborted) break;
        if (thrown.code !== "UNAVAILABLE") throw thrown;
        told.breaks++;
      }
    }
    return told;
  },

  async stop() {
    state.flow?.stop();
    return {};
  },

  async progress() {
    return { ...state.flow.told };
  },

  async disconnect() {
    await state.client?.close();
    state.client = undefined;
    return {};
  },

  async close() {
    await state.client?.close();
    await state.server?.close({ drainMs: 0 });
    return {};
  },
};

async function take(told, { bytes, paceMs, signal }) {
  const options = { signal, timeoutMs: Number.POSITIVE_INFINITY };
  const args = [told.pieces, bytes, paceMs];
  for await (const { number, piece } of state.client.stream("pieces", args, options)) {
    const now = Date.now();
    if (told.lastAt > 0 && now - told.lastAt > GAP_MS) told.gaps.push([told.lastAt, now]);
    told.lastAt = now;
    const isRight = number === told.pieces && Buffer.compare(piece, pieceOf(number, bytes)) === 0;
    if (!isRight) told.wrong++;
    told.pieces++;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, do: name, ...wanted } = JSON.parse(line);
  commands[name](wanted).then(
    (done) => say({ id, ...done }),
    (thrown) => say({ id, failed: `${thrown.code}: ${thrown.message}` }),
  );
}
process.exit(0);
