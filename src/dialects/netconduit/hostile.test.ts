import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { type Closing, closeMeetings, serving } from "../../../test/netconduit/meetings.ts";
import { frameOf, LOGIN, requestOf } from "../../../test/netconduit/peers.ts";
import { join } from "../../bytes/join.ts";
import { COMPRESSED, FRAME_TYPES, formatFrame } from "./frame.ts";

const closing: Closing = [];

afterEach(() => closeMeetings(closing));

/** A frame whose payload is compressed, whatever its bytes are. */
function packed(payload: Uint8Array): Uint8Array {
  return formatFrame({ type: FRAME_TYPES.message, flags: COMPRESSED, id: 0, payload }, 0);
}

describe("a server of netconduit and those who mean it harm", () => {
  test("closes on what is fatal, where the original goes deaf, and serves the others", async () => {
    const { connect, peer: other } = await serving(closing);
    await other.logIn();
    const bad = (payload: readonly number[], type = 1) =>
      formatFrame({ type, flags: 0, id: 0, payload: Uint8Array.from(payload) }, 0);
    const fatal = [
      ...[bad([0xc1]), bad([0x81, 1, 2]), bad([0xc0, 0]), bad([0xa1, 0xff]), bad([0x81])],
      ...[packed(Uint8Array.of(0x7a, 0x7a)), packed(new Uint8Array()), bad([0xc1], 2)],
      ...[bad([], 0x11), bad([], 0), join([Uint8Array.of(0x43, 0x4e, 0x44, 0x58), bad([])])],
    ];
    for (const frame of fatal) {
      const peer = await connect();
      await peer.logIn();
      peer.send(frame);
      expect(await peer.next()).toBeUndefined();
    }
    other.send(requestOf(1, "echo", { value: 1 }));
    expect((await other.next())?.id).toBe(1);
  });

  test("gives up a bomb while it inflates, before the login and after", async () => {
    const bomb = new Uint8Array(deflateSync(new Uint8Array(2 ** 26)));
    const { connect, peer } = await serving(closing, { dialect: { maxInflatedBytes: 100_000 } });
    await peer.logIn();
    peer.send(packed(bomb));
    expect(await peer.next()).toBeUndefined();
    const stranger = await connect();
    const small = new Uint8Array(deflateSync(new Uint8Array(1_000_000)));
    stranger.send(
      formatFrame({ type: FRAME_TYPES.authRequest, flags: COMPRESSED, id: 0, payload: small }, 0),
    );
    expect(await stranger.next()).toBeUndefined();
  });

  test("takes nothing large from strangers, and nothing beyond its limit from anybody", async () => {
    const { connect, peer } = await serving(closing, {
      server: { limits: { maxFrameBytes: 20_000 } },
    });
    const claim = (contentBytes: number) => {
      const header = frameOf(FRAME_TYPES.authRequest).slice();
      new DataView(header.buffer).setUint32(12, contentBytes);
      return header;
    };
    peer.send(claim(16_400));
    expect(await peer.next()).toBeUndefined();
    const known = await connect();
    await known.logIn();
    known.send(claim(104_857_600));
    expect(await known.next()).toBeUndefined();
  });

  test("understands a login that trickles in byte by byte", async () => {
    const { peer } = await serving(closing);
    for (const byte of LOGIN) peer.send(Uint8Array.of(byte));
    expect((await peer.next())?.type).toBe(FRAME_TYPES.authSuccess);
  });

  test("refuses __proto__ as a name, in either kind of key", async () => {
    const { connect } = await serving(closing);
    const name = new TextEncoder().encode("__proto__");
    for (const head of [
      [0x81, 0xa9],
      [0x81, 0xc4, 9],
    ]) {
      const peer = await connect();
      await peer.logIn();
      const payload = Uint8Array.from([...head, ...name, 0x80]);
      peer.send(formatFrame({ type: FRAME_TYPES.rpcRequest, flags: 0, id: 1, payload }, 0));
      expect(await peer.next()).toBeUndefined();
    }
  });

  test("answers a method that means something to JavaScript like any other it has not", async () => {
    const { peer } = await serving(closing);
    await peer.logIn();
    for (const method of ["constructor", "toString", "__proto__", "then", "hasOwnProperty"]) {
      peer.send(requestOf(1, method));
      expect((await peer.next())?.value).toMatchObject({
        result: { code: 4000, error: `RPC method not found: ${method}` },
      });
    }
  });

  test("ignores messages that are none, and answers requests that are none", async () => {
    const { peer } = await serving(closing);
    await peer.logIn();
    const none = [undefined, null, 5, "text", [1], { type: 5 }, { data: 1 }, { type: "" }];
    peer.send(...none.map((value) => frameOf(FRAME_TYPES.message, value)));
    peer.send(...none.map((value, at) => frameOf(FRAME_TYPES.rpcRequest, value, at)));
    for (const at of none.keys()) {
      expect(await peer.next()).toMatchObject({
        id: at,
        value: { success: true, result: { error: "RPC method not found", code: 4000 } },
      });
    }
  });

  test("outlives whatever follows a login", async () => {
    const { connect, peer: other } = await serving(closing);
    await other.logIn();
    const payloads = fc.uint8Array({ maxLength: 60 });
    const types = fc.integer({ min: 0, max: 18 });
    await fc.assert(
      fc.asyncProperty(payloads, types, fc.nat(255), async (payload, type, flags) => {
        const peer = await connect();
        await peer.logIn();
        peer.send(formatFrame({ type, flags, id: 1, payload }, 0));
        await peer.close();
        other.send(frameOf(FRAME_TYPES.ping));
        expect((await other.next())?.type).toBe(FRAME_TYPES.pong);
      }),
      { numRuns: 60 },
    );
  });
});
