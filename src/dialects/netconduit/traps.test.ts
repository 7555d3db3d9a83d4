import { afterEach, describe, expect, test } from "vitest";
import { calling, closeMeetings, serving } from "../../../test/netconduit/meetings.ts";
import {
  frameOf,
  HASH,
  LOGIN,
  PASSWORD,
  requestOf,
  WELCOME,
} from "../../../test/netconduit/peers.ts";
import { encodeHex } from "../../bytes/text.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { NODE_PLATFORM } from "../../presets/platform.node.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { FRAME_TYPES, formatFrame } from "./frame.ts";

// The list "Interoperability traps" of the wire's notes, by its numbers.

const closing: (() => Promise<void>)[] = [];

afterEach(() => closeMeetings(closing));

describe("the traps of this wire", () => {
  test("1: version and type have 16 bits, length, id and time stand at 12, 16 and 24", () => {
    const frame = formatFrame(
      { type: 2, flags: 1, id: 0x0102030405060708n, payload: Uint8Array.of(0x80) },
      1_700_000_000_123,
    );
    expect(encodeHex(frame)).toBe(
      "434e4454" +
        "0100" +
        "0002" +
        "0001" +
        "0000" +
        "00000001" +
        "0102030405060708" +
        "0000018bcfe5687b" +
        "80",
    );
  });

  test("2: answers have two wrappers", async () => {
    const { peer } = await serving(closing);
    await peer.logIn();
    peer.send(requestOf(1, "echo", { value: 5 }));
    expect((await peer.next())?.value).toEqual({
      success: true,
      result: { success: true, data: 5 },
    });
  });

  test("3: errors go as type 3, outer success true", async () => {
    const { peer } = await serving(closing);
    await peer.logIn();
    peer.send(requestOf(1, "absent"));
    expect(await peer.next()).toMatchObject({
      type: FRAME_TYPES.rpcResponse,
      value: { success: true, result: { success: false, code: 4000 } },
    });
  });

  test("4: a login is one write, and nothing follows it before the client has read it", async () => {
    const { opening, peer, login, client } = await calling(closing);
    const early = client.call("m");
    expect(login?.length).toBe(32 + (login?.[15] ?? 0));
    peer.send(WELCOME);
    await opening;
    expect(await peer.next()).toMatchObject({ type: FRAME_TYPES.rpcRequest, id: 1 });
    peer.send(frameOf(FRAME_TYPES.rpcResponse, { success: true, data: 1 }, 1));
    expect(await early).toBe(1);
  });

  test("4: what a connect hook says waits until the client speaks, or a moment", async () => {
    const { peer, server } = await serving(closing, { dialect: { quietMs: 10_000 } });
    server.onConnect((connection) => void server.connections.get(connection.id)?.emit("hi", 1));
    expect(await peer.logIn()).toMatchObject({ type: FRAME_TYPES.authSuccess });
    peer.send(requestOf(1, "echo", { value: 2 }));
    expect((await peer.next())?.value).toEqual({ type: "hi", data: 1 });
    expect((await peer.next())?.id).toBe(1);

    const soon = await serving(closing, { dialect: { quietMs: 1 } });
    soon.server.onConnect(({ id }) => void soon.server.connections.get(id)?.emit("hi", 2));
    await soon.peer.logIn();
    expect((await soon.peer.next())?.value).toEqual({ type: "hi", data: 2 });
  });

  test("5: PINGs are answered while a handler runs", async () => {
    const { peer } = await serving(closing);
    await peer.logIn();
    peer.send(requestOf(1, "wait"), frameOf(FRAME_TYPES.ping));
    expect(await peer.next()).toMatchObject({ type: FRAME_TYPES.pong, id: 0, value: undefined });
  });

  test("5: our own PINGs count every sign of life; silence ends the connection", async () => {
    const clock = manualClock();
    const platform = { ...NODE_PLATFORM, clock };
    const { peer } = await serving(closing, { platform });
    await peer.logIn();
    peer.send(requestOf(1, "echo"));
    expect((await peer.next())?.id).toBe(1);
    clock.advance(30_000);
    expect((await peer.next())?.type).toBe(FRAME_TYPES.ping);
    clock.advance(60_000);
    expect(await peer.next()).toBeUndefined();
  });

  test("6: no CLOSE is sent or waited for, no PAUSE is sent, a stray RESUME changes nothing", async () => {
    const { peer, server } = await serving(closing);
    await peer.logIn();
    peer.send(frameOf(FRAME_TYPES.resume), frameOf(FRAME_TYPES.close, { reason: "bye" }));
    peer.send(requestOf(1, "echo", { value: 1 }));
    expect((await peer.next())?.id).toBe(1);
    const closed = server.close({ drainMs: 0 });
    expect(await peer.next()).toBeUndefined();
    await closed;
  });

  test("13: a place is free as soon as its client has gone", async () => {
    const { connect, peer, server } = await serving(closing, { server: { maxConnections: 1 } });
    await peer.logIn();
    const gone = new Promise((resolve) => server.onDisconnect(resolve));
    await peer.close();
    await gone;
    const next = await connect();
    expect((await next.logIn())?.type).toBe(FRAME_TYPES.authSuccess);
  });

  test("14: what a client sends behind its login is served", async () => {
    const { peer } = await serving(closing);
    peer.send(LOGIN, requestOf(5, "echo", { value: 3 }));
    expect((await peer.next())?.type).toBe(FRAME_TYPES.authSuccess);
    expect((await peer.next())?.id).toBe(5);
  });

  test("15: a malformed answer fails the calls at once instead of letting them run out", async () => {
    const { client, opening, peer } = await calling(closing);
    peer.send(WELCOME);
    await opening;
    const call = client.call("m");
    await peer.next();
    peer.send(formatFrame({ type: 3, flags: 0, id: 1, payload: Uint8Array.of(0xc1) }, 0));
    const failed = await call.catch((thrown: unknown) => thrown);
    expect(failed).toBeInstanceOf(SealwireError);
    expect(failed).toMatchObject({ code: "UNAVAILABLE" });
  });

  test("16: the id of a connection is the server's own and does not leave by itself", async () => {
    const { peer, server } = await serving(closing);
    const welcome = await peer.logIn();
    const [id = "none"] = server.connections.keys();
    expect(JSON.stringify(welcome?.value)).not.toContain(`"${id}"`);
    expect(Object.keys(welcome?.value as object)).toEqual(["session_token", "server_info"]);
  });

  test("the login is the hash of the password as it was given, in lower case", async () => {
    const { login, opening, peer } = await calling(closing);
    expect(new TextDecoder().decode(login)).toContain(HASH);
    expect(new TextDecoder().decode(login)).not.toContain(PASSWORD);
    peer.send(WELCOME);
    await opening;
  });
});
