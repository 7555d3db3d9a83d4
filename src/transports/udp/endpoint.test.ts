import { afterEach, expect, test } from "vitest";
import { agreed, attached, bind, closeAll, HERE, OVER, read } from "../../../test/udp/endpoints.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";

afterEach(closeAll);

test("two who have agreed have a channel at once", async () => {
  const [near, far] = attached(bind(), bind());
  near.write([Uint8Array.of(1, 2, 3)]);
  far.write([Uint8Array.of(4)]);
  expect(await read(far, 3)).toEqual(Uint8Array.of(1, 2, 3));
  expect(await read(near, 1)).toEqual(Uint8Array.of(4));
});

test("refuses a stream number that is in use, and secrets of another length", () => {
  const [one, other] = [bind(), bind()];
  attached(one, other);
  expect(() => one.attach(agreed(other.address, 1_001, 5, true))).toThrow(
    expect.objectContaining({ code: "ALREADY_EXISTS" }),
  );
  const short = { ...agreed(other.address, 7, 8, true), secret: new Uint8Array(8) };
  expect(() => one.attach(short)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});

test("shares its socket with other protocols, each with what it claims", async () => {
  const [one, other] = [bind(), bind()];
  const first = one.share((bytes) => bytes[0] === 1);
  const second = one.share((bytes) => bytes[0] === 2);
  const sender = other.share(() => false);
  const took: string[] = [];
  first.receive((bytes) => took.push(`first ${bytes[1]}`));
  const done = new Promise<Endpoint>((resolve) => {
    second.receive((bytes, from) => {
      took.push(`second ${bytes[1]}`);
      resolve(from);
    });
  });
  sender.send(Uint8Array.of(1, 7), one.address);
  sender.send(Uint8Array.of(9, 9), one.address);
  sender.send(Uint8Array.of(2, 8), one.address, 64);
  expect(await done).toEqual(other.address);
  expect(took).toEqual(["first 7", "second 8"]);
  expect(one.counters.foreign).toBe(1);
});

test("a part of a socket that was closed takes and sends nothing", async () => {
  const [one, other] = [bind(), bind()];
  const part = one.share(() => true);
  const heard = other.share(() => true);
  const took: number[] = [];
  const last = new Promise<void>((resolve) => {
    heard.receive(([first = 0]) => {
      took.push(first);
      if (first === 2) resolve();
    });
  });
  await part.close();
  part.send(Uint8Array.of(1), other.address);
  one.share(() => true).send(Uint8Array.of(2), other.address);
  await last;
  expect(took).toEqual([2]);
});

test("an endpoint that is closed opens, attaches and accepts nothing", async () => {
  const endpoint = bind();
  await endpoint.close();
  const closed = expect.objectContaining({ code: "UNAVAILABLE" });
  const { signal } = new AbortController();
  await expect(endpoint.open(HERE, { signal })).rejects.toEqual(closed);
  expect(() => endpoint.accept()).toThrow(closed);
  expect(() => endpoint.attach(agreed(HERE, 1, 2, true))).toThrow(closed);
});

test("closing an endpoint ends what is being opened, and waits for its channels", async () => {
  const [client, server] = [bind(), bind()];
  const [near] = attached(client, server);
  const { signal } = new AbortController();
  const opening = client.open(server.address, { signal });
  const closing = client.close();
  await expect(opening).rejects.toMatchObject({ code: "UNAVAILABLE" });
  let closed = false;
  void closing.then(() => {
    closed = true;
  });
  expect(closed).toBe(false);
  await near.close(OVER);
  await closing;
});
