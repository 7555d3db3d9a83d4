import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dialectOf, IDENTITY } from "../../../test/native/greeting.ts";
import { type Target, target } from "../../../test/native/intruder.ts";
import { formatPublicKey } from "../../crypto/format-keys.ts";
import { connect } from "../../presets/node.ts";
import { formatPreface } from "./preface.ts";

/** Bytes of msgpack by hand, for what no encoder writes. */
const raw = (...parts: readonly (number | string)[]) =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "number" ? [part] : [...new TextEncoder().encode(part)],
    ),
  );

describe("before the greeting is over", () => {
  const refusals = async (at: Target, bytes: Uint8Array) => {
    const path = await at.open();
    path.write(bytes);
    const frames: Uint8Array[] = [];
    for (let frame = await path.read(); frame; frame = await path.read()) frames.push(frame);
    return frames;
  };

  test("garbage, huge prefaces and endless ones are closed, with an alert at most", async () => {
    await using at = await target();
    const preface = formatPreface("NK", new Uint8Array(0));
    const huge = Uint8Array.of(0, 0, 0x40, 0, ...preface, ...new Uint8Array(16_384 - 7));
    for (const bytes of [
      raw(0, 0, 0, 8, "SEALWIRE"),
      raw("GET / HTTP/1.1\r\n\r\n"),
      raw(0, 0, 0x40, 1, ...preface),
      raw(255, 255, 255, 255),
      huge,
    ]) {
      const frames = await refusals(at, bytes);
      expect(frames.length).toBeLessThan(2);
      for (const frame of frames) expect(frame[0]).toBe(0);
    }
    expect(at.server.connections.size).toBe(0);
  });

  test("any bytes in any pieces are closed", async () => {
    await using at = await target();
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(pieces, async (chunks) => {
        const path = await at.open();
        path.write(raw(0, 0, 0, 39, ...formatPreface("XX", new Uint8Array(0))), ...chunks);
        path.write(new Uint8Array(64).fill(255));
        for (let frame = await path.read(); frame; frame = await path.read()) {
          expect(frame[0]).toBeLessThan(2);
        }
      }),
      { numRuns: 60 },
    );
    expect(at.server.connections.size).toBe(0);
  });
});

test("a large record may follow the welcome in the same chunk", async () => {
  await using at = await target({ joinAfter: 1 });
  at.server.event("news", { public: true });
  at.server.onConnect((peer) =>
    at.server.connections.get(peer.id)?.push("news", "x".repeat(50_000)),
  );
  const client = await connect("memory://target", {
    ...{ transport: at.transport, dialect: dialectOf() },
    pin: formatPublicKey(IDENTITY.publicKey),
  });
  expect(await client.call("echo", [1])).toEqual([1]);
  await client.close();
});
