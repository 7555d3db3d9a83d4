import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Message } from "../../core/model/message.ts";
import {
  type PairOptions,
  type ServerAndClient,
  serverAndClient,
} from "../../testing/server-and-client.ts";
import { type RawOptions, raw } from "./index.ts";
import { RawSession } from "./session.ts";

const pairs: ServerAndClient[] = [];

afterEach(async () => {
  for (const pair of pairs.splice(0)) await pair.close();
});

async function pairOf(
  options: RawOptions = {},
  register?: PairOptions["register"],
): Promise<ServerAndClient> {
  const server = { plaintext: "allow" } as const;
  const pair = await serverAndClient({
    ...{ dialect: raw(options), server },
    ...(register && { register }),
  });
  pairs.push(pair);
  return pair;
}

function event(data: unknown, name = "message"): Message {
  return { kind: "event", name, data };
}

describe("the dialect raw", () => {
  it("carries bytes both ways, each frame as one event", async () => {
    const pair = await pairOf();
    const atServer = new Promise((resolve) => pair.server.onEvent("message", resolve));
    await pair.client.emit("message", Uint8Array.of(1, 2, 3));
    expect(await atServer).toEqual(Uint8Array.of(1, 2, 3));
    const atClient = new Promise((resolve) => pair.client.onEvent("message", resolve));
    await pair.server.broadcast("message", "häll");
    expect(await atClient).toEqual(new TextEncoder().encode("häll"));
  });

  it("shows text as text when it is told to", async () => {
    const pair = await pairOf({ text: true, event: "line" });
    const atServer = new Promise((resolve) => pair.server.onEvent("line", resolve));
    await pair.client.emit("line", "grüße");
    expect(await atServer).toBe("grüße");
  });

  it("refuses calls, which it has no form for", async () => {
    const pair = await pairOf();
    await expect(pair.client.call("add", [1])).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  it("claims no protection of its own", () => {
    expect(raw().security).toMatchObject({ encrypted: false, clientProven: "never" });
  });

  it("refuses events without a name", () => {
    expect(() => raw({ event: "" })).toThrow(/event is empty/);
  });
});

describe("its session", () => {
  const session = new RawSession({ event: "message", text: false });

  it("gives back every frame as it was, the empty one too", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (frame) => {
        const [message] = session.decode(frame);
        expect(message).toEqual(event(frame));
        expect(session.encode([event(frame)])).toEqual([frame]);
      }),
    );
  });

  it("gives bytes where a frame is no UTF-8 although text was asked for", () => {
    const texts = new RawSession({ event: "message", text: true });
    expect(texts.decode(Uint8Array.of(0xff))).toEqual([event(Uint8Array.of(0xff))]);
    expect(texts.decode(Uint8Array.of(0x41))).toEqual([event("A")]);
  });

  it("does not change with the memory that was handed in", () => {
    const data = Uint8Array.of(1);
    const [frame] = session.encode([event(data)]);
    data[0] = 2;
    expect(frame).toEqual(Uint8Array.of(1));
  });

  it.each([
    [event("x", "other"), "INVALID_ARGUMENT", /one name, "message"/],
    [event({ a: 1 }), "INVALID_ARGUMENT", /text or bytes/],
    [{ kind: "ping" } as const, "UNSUPPORTED", /a ping/],
  ])("refuses %j", (message, code, words) => {
    expect(() => session.encode([message])).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(words) }),
    );
  });
});
