import fc from "fast-check";
import { expect, test } from "vitest";
import { socketInside } from "../../test/stun/simulated-nat.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { BindingClient } from "./binding-client.ts";
import { answerBinding } from "./binding-service.ts";
import { formatStun } from "./message.ts";

const SERVER: Endpoint = { host: "198.51.100.1", port: 3478 };

test("learns its own address from a server", async () => {
  const clock = manualClock();
  const client = new BindingClient(socketInside({ mapping: "endpoint-independent" }), clock);
  const { mapped, from, other } = await client.ask(SERVER);
  expect(mapped).toEqual({ host: "203.0.113.7", port: 40_000 });
  expect(from).toEqual(SERVER);
  expect(other).toEqual({ host: "198.51.100.2", port: 3479 });
});

test("asks three times, then says that nobody answers", async () => {
  const clock = manualClock();
  const sent: number[] = [];
  const socket = socketInside({ blocked: true, onSend: () => sent.push(clock.now()) });
  const asking = new BindingClient(socket, clock).ask(SERVER);
  clock.advance(1_749);
  expect(sent).toEqual([0, 250, 750]);
  clock.advance(1);
  await expect(asking).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("198.51.100.1 port 3478"),
  });
  expect(clock.waiting).toBe(0);
});

test("stops asking when the signal says so", async () => {
  const clock = manualClock();
  const controller = new AbortController();
  const client = new BindingClient(socketInside({ blocked: true }), clock);
  const asking = client.ask(SERVER, { signal: controller.signal });
  controller.abort();
  await expect(asking).rejects.toMatchObject({ code: "CANCELLED" });
  expect(clock.waiting).toBe(0);
});

test("ignores answers to questions it never asked", async () => {
  const clock = manualClock();
  const socket = socketInside({ mapping: "endpoint-independent", forge: true });
  const { mapped } = await new BindingClient(socket, clock).ask(SERVER);
  expect(mapped.host).toBe("203.0.113.7");
});

test("never answers with more bytes than it was sent, from any source", () => {
  const source = fc.record({
    host: fc.constantFrom("192.0.2.9", "2001:db8::9"),
    port: fc.integer({ min: 1, max: 65_535 }),
  });
  const place = { origin: SERVER, other: { host: "2001:db8::2", port: 3479 } };
  fc.assert(
    fc.property(source, fc.nat(120), (from, length) => {
      const filler = { type: 0xfff0, value: new Uint8Array(length) };
      const transaction = new Uint8Array(12);
      const request = formatStun({ kind: "request", transaction, attributes: [filler] });
      const answer = answerBinding(request, from, place);
      expect(answer?.bytes.length ?? 0).toBeLessThanOrEqual(request.length);
    }),
  );
});

test("leaves a request alone that is too short to be answered, unless allowed", () => {
  const request = formatStun(
    { kind: "request", transaction: new Uint8Array(12), attributes: [] },
    false,
  );
  const source = { host: "192.0.2.9", port: 9 };
  expect(answerBinding(request, source)).toBeUndefined();
  const answer = answerBinding(request, source, { maxAmplification: 1.6 });
  expect(answer?.bytes.length).toBe(32);
});

test("says which attributes it does not understand", () => {
  const transaction = new Uint8Array(12);
  const attributes = [{ type: 0x0006, value: new Uint8Array(64) }];
  const request = formatStun({ kind: "request", transaction, attributes });
  const answer = answerBinding(request, { host: "192.0.2.9", port: 9 });
  expect([...(answer?.bytes ?? [])].slice(0, 2)).toEqual([0x01, 0x11]);
});

test("answers nothing that is no request", () => {
  const answer = formatStun({
    kind: "success",
    transaction: new Uint8Array(12),
    attributes: [{ type: 0xfff0, value: new Uint8Array(100) }],
  });
  expect(answerBinding(answer, { host: "192.0.2.9", port: 9 })).toBeUndefined();
});

test("does not promise answers from an address it does not have", () => {
  const attributes = [
    { type: 3, value: Uint8Array.of(0, 0, 0, 6) },
    { type: 0xfff0, value: new Uint8Array(100) },
  ];
  const request = formatStun({ kind: "request", transaction: new Uint8Array(12), attributes });
  expect(answerBinding(request, { host: "192.0.2.9", port: 9 })).toBeUndefined();
});
