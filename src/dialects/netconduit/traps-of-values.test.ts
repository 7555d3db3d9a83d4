import { afterEach, describe, expect, test } from "vitest";
import { closeMeetings, serving } from "../../../test/netconduit/meetings.ts";
import { frameOf, requestOf } from "../../../test/netconduit/peers.ts";
import { FRAME_TYPES } from "./frame.ts";

// The list "Interoperability traps" of the wire's notes, by its numbers.

const closing: (() => Promise<void>)[] = [];

afterEach(() => closeMeetings(closing));

describe("the traps of this wire: values", () => {
  test("7: nothing leaves that would make the original deaf; the call fails alone", async () => {
    const odd = [new Date(0), new Set([1]), 2n ** 64n, () => 1, new Map([[1, 2]])];
    const { peer } = await serving(closing, {
      register: (server) => server.procedure("odd", ({ args }) => [odd[Number(args.named["at"])]]),
    });
    await peer.logIn();
    for (const at of odd.keys()) peer.send(requestOf(at + 1, "odd", { at }));
    peer.send(requestOf(9, "echo", { value: "still here" }));
    for (const at of odd.keys()) {
      expect(await peer.next()).toMatchObject({
        id: at + 1,
        value: { result: { success: false, code: 1001 } },
      });
    }
    expect((await peer.next())?.id).toBe(9);
  });

  test.each([0, 1, 2 ** 53 - 1, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n])(
    "8: the correlation id %s comes back, also twice at once",
    async (id) => {
      const { peer } = await serving(closing);
      await peer.logIn();
      peer.send(requestOf(id, "echo", { value: "a" }), requestOf(id, "echo", { value: "b" }));
      expect(await peer.next()).toMatchObject({ id, value: { result: { data: "a" } } });
      expect(await peer.next()).toMatchObject({ id, value: { result: { data: "b" } } });
    },
  );

  test("9: integers beyond 2^53 keep their 64 bits, and fractions are float64", async () => {
    const { peer } = await serving(closing);
    await peer.logIn();
    for (const value of [2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n, 0.1, 2, -1]) {
      peer.send(requestOf(1, "echo", { value }));
      expect((await peer.next())?.value).toMatchObject({ result: { data: value } });
    }
  });

  test("10: bytes stay bytes, text stays text, undefined is nil", async () => {
    const { peer } = await serving(closing);
    await peer.logIn();
    peer.send(requestOf(1, "echo", { value: Uint8Array.of(1, 2) }));
    expect((await peer.next())?.value).toMatchObject({ result: { data: Uint8Array.of(1, 2) } });
    peer.send(requestOf(2, "echo", {}));
    expect((await peer.next())?.value).toEqual({
      success: true,
      result: { success: true, data: null },
    });
  });

  test("11: replies to messages of one type come in the order of the messages", async () => {
    let release = () => {};
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { peer, server } = await serving(closing);
    server.onEvent("ask", async (data) => {
      if (data === 1) await first;
      return data;
    });
    await peer.logIn();
    const ask = (data: number) => frameOf(FRAME_TYPES.message, { type: "ask", data });
    peer.send(ask(1), ask(2));
    release();
    expect((await peer.next())?.value).toEqual({ type: "ask_response", data: 1 });
    expect((await peer.next())?.value).toEqual({ type: "ask_response", data: 2 });
  });

  test("12: more than 1,024 bytes are compressed, with the header of zlib, if that is shorter", async () => {
    const { peer } = await serving(closing, { dialect: { compression: true } });
    await peer.logIn();
    // Thirty bytes around the text, as in the recorded exchange "compression".
    peer.send(requestOf(1, "echo", { value: "A".repeat(989) }));
    expect(await peer.next()).toMatchObject({ flags: 0 });
    peer.send(requestOf(2, "echo", { value: "A".repeat(990) }));
    const frame = await peer.frame();
    expect([frame?.[9], frame?.[32], frame?.[33]]).toEqual([1, 0x78, 0x9c]);
    const noise = Uint8Array.from(
      { length: 1_280 },
      (_, at) => (at * at * 7 + (at >> 3) * 31) % 251,
    );
    crypto.getRandomValues(noise);
    peer.send(requestOf(3, "echo", { value: noise }));
    expect(await peer.next()).toMatchObject({ flags: 0, value: { result: { data: noise } } });
  });
});
