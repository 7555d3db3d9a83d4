import { describe, expect, test } from "vitest";
import { originalProcedures } from "../../../test/netconduit/original-procedures.ts";
import { type RawPeer, rawServer } from "../../../test/netconduit/peers.ts";
import { bytesOf, exchange, type RecordedFrame } from "../../../test/netconduit/recorded.ts";
import { encodeHex } from "../../bytes/text.ts";
import { describe as description } from "../../features/describe/describe.ts";

/** Where we answer otherwise than the original, and why; by exchange and correlation id. */
const OTHERWISE: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  "rpc-errors": {
    7: "an argument too many is an error, where pydantic ignores it",
    8: "every procedure with declared parameters is validated as those with a model are",
    9: "the same",
    10: "_0 and _1 are positional arguments",
  },
  "odd-requests": {
    1: "a list is no text, so greet refuses it",
    2: "a list is one positional argument also where parameters are declared",
  },
};

const ANSWERED = [
  "rpc-success",
  "rpc-errors",
  "response-helpers",
  "pagination",
  "rpc-list",
  "odd-requests",
  "auth-minimal",
  "auth-with-pipelined-request",
  "ignored-types",
  "compressed-small",
];

describe("our server says what the original said", () => {
  test.each(ANSWERED)("in the exchange %s", async (name) => {
    const answers = await played(name);
    const deviating = OTHERWISE[name] ?? {};
    for (const frame of exchange(name).frames.filter(isAnswer)) {
      const id = Number(frame.decoded.correlationId);
      const ours = answers.get(idOf(bytesOf(frame.hex)));
      if (deviating[id]) expect(ours, deviating[id]).not.toBe(masked(frame.hex));
      else expect(ours).toBe(masked(frame.hex));
    }
  });

  test("in the exchange messages, in the order of the messages", async () => {
    const { server, peer, close } = await loggedIn();
    server.onEvent("push_me", (data, from) => {
      const { type, data: inner } = data as { readonly type: string; readonly data: unknown };
      void server.connections.get(from.id)?.emit(type, inner);
    });
    const [, ...frames] = exchange("messages").frames.filter(({ decoded }) => decoded.type !== 8);
    for (const { dir, hex } of frames) if (dir === "c2s") peer.send(bytesOf(hex));
    for (const { hex } of frames.filter(({ dir }) => dir === "s2c")) {
      expect(masked(encodeHex((await peer.frame()) ?? new Uint8Array()))).toBe(masked(hex));
    }
    await close();
  });

  test("to a wrong password, an upper-case hash and frames that are no login", async () => {
    for (const name of ["auth-failure", "auth-uppercase-hash"]) {
      const { peer, close } = await server();
      const [login, refusal] = exchange(name).frames;
      peer.send(bytesOf(login?.hex ?? ""));
      const said = encodeHex((await peer.frame()) ?? new Uint8Array());
      expect(masked(said)).toBe(masked(refusal?.hex ?? ""));
      expect(await peer.frame()).toBeUndefined();
      await close();
    }
    for (const name of ["no-auth", "auth-hash-not-text", "auth-empty-payload"]) {
      const { peer, close } = await server();
      peer.send(bytesOf(exchange(name).frames[0]?.hex ?? ""));
      expect(await peer.frame()).toBeUndefined();
      await close();
    }
  });
});

async function server() {
  const raw = await rawServer({
    register(registering) {
      registering.install(description());
      originalProcedures(registering);
    },
  });
  return { server: raw.server, peer: await raw.connect(), close: raw.close };
}

async function loggedIn() {
  const raw = await server();
  await raw.peer.logIn();
  return raw;
}

/** Our answers to what the recorded client sent behind its login, by correlation id. */
async function played(name: string): Promise<ReadonlyMap<string, string>> {
  const { peer, close } = await loggedIn();
  const { frames } = exchange(name);
  const sent = frames.filter(({ dir, decoded }) => dir === "c2s" && decoded.type !== 7);
  peer.send(...sent.map(({ hex }) => bytesOf(hex)));
  const answers = await collected(peer, frames.filter(isAnswer).length);
  await close();
  return answers;
}

async function collected(peer: RawPeer, count: number): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  while (answers.size < count) {
    const frame = (await peer.frame()) ?? new Uint8Array();
    if (frame[7] === 3) answers.set(idOf(frame), masked(encodeHex(frame)));
  }
  return answers;
}

function isAnswer({ dir, decoded }: RecordedFrame): boolean {
  return dir === "s2c" && decoded.type === 3;
}

function idOf(frame: Uint8Array): string {
  return encodeHex(frame.subarray(16, 24));
}

/** Without the moment at which it was sent. */
function masked(hex: string): string {
  return `${hex.slice(0, 48)}${hex.slice(64)}`;
}
