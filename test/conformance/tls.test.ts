import { connect as netConnect } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { tcp, tls, tlsLayer } from "../../src/transports/tcp/index.ts";
import { makeCertificate } from "./certificate.ts";

const certificate = makeCertificate();
const { signal } = new AbortController();
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

function kept<Thing extends { close(): unknown }>(thing: Thing): Thing {
  opened.push(thing);
  return thing;
}

test("refuses a server whose certificate nobody vouches for", async () => {
  const listener = kept(await tls(certificate).listen(new URL("tls://127.0.0.1:0")));
  await expect(tls().connect(listener.address, { signal })).rejects.toMatchObject({
    code: "HANDSHAKE_FAILED",
    message: expect.stringContaining("SELF_SIGNED"),
  });
});

test("refuses a certificate for another name", async () => {
  const other = makeCertificate("DNS:elsewhere.example");
  const listener = kept(await tls(other).listen(new URL("tls://127.0.0.1:0")));
  const transport = tls({ ca: other.cert });
  await expect(transport.connect(listener.address, { signal })).rejects.toMatchObject({
    code: "HANDSHAKE_FAILED",
  });
  const named = tls({ ca: other.cert, servername: "elsewhere.example" });
  const channel = kept(await named.connect(listener.address, { signal }));
  expect(channel.protection).toEqual({ by: "TLSv1.3" });
});

test("says what is missing for listening", async () => {
  await expect(tls().listen(new URL("tls://127.0.0.1:0"))).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringContaining("cert and key"),
  });
});

test("does not show the key when it cannot be used", () => {
  const broken = { cert: certificate.cert, key: "not a key but a secret" };
  expect(() => tlsLayer(broken)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  expect(() => tlsLayer(broken)).not.toThrow(/secret/);
});

test("tells TLS from its first two bytes", () => {
  const { recognizes } = tlsLayer(certificate);
  expect(recognizes(Uint8Array.of())).toBeUndefined();
  expect(recognizes(Uint8Array.of(0x16))).toBeUndefined();
  expect(recognizes(Uint8Array.of(0x16, 0x03, 0x01))).toBe(true);
  expect(recognizes(Uint8Array.of(0x16, 0x04))).toBe(false);
  expect(recognizes(Uint8Array.of(0x47))).toBe(false);
});

test("goes on with a plain channel whose first bytes were read already", async () => {
  const listener = kept(await tcp().listen(new URL("tcp://127.0.0.1:0")));
  const port = Number(listener.address.port);
  const foreign = tlsConnect({ port, host: "127.0.0.1", ca: certificate.cert }, () => {
    foreign.write("inside");
  });
  kept({ close: () => foreign.destroy() });
  const { value: outer } = await listener[Symbol.asyncIterator]().next();
  const { value: head } = await outer[Symbol.asyncIterator]().next();
  const inner = await tlsLayer(certificate).accept(outer, head);
  if (inner === undefined) throw new Error("no channel");
  kept(inner);
  const { value } = await inner[Symbol.asyncIterator]().next();
  expect(Buffer.from(value).toString()).toBe("inside");
  expect(inner.remote).toBe(outer.remote);
});

test("ends a greeting that is none, and one that does not go on", async () => {
  const listener = kept(await tcp().listen(new URL("tcp://127.0.0.1:0")));
  const arrivals = listener[Symbol.asyncIterator]();
  const layer = tlsLayer({ ...certificate, connectTimeoutMs: 30 });
  const port = Number(listener.address.port);
  for (const [text, code] of [
    ["\u0016\u0003\u0001\u0000\u0001garbage", "HANDSHAKE_FAILED"],
    ["\u0016\u0003", "UNAVAILABLE"],
  ]) {
    const foreign = netConnect(port, "127.0.0.1").on("error", () => {});
    kept({ close: () => foreign.destroy() });
    foreign.write(text ?? "");
    const { value: outer } = await arrivals.next();
    const { value: head } = await outer[Symbol.asyncIterator]().next();
    await expect(layer.accept(outer, head)).rejects.toMatchObject({ code });
  }
});

test("goes on listening after a stranger's failed greeting", async () => {
  const transport = tls({ ...certificate, ca: certificate.cert });
  const listener = kept(await transport.listen(new URL("tls://127.0.0.1:0")));
  const stranger = netConnect(Number(listener.address.port), "127.0.0.1");
  stranger.on("error", () => {}).end("GET / HTTP/1.1\r\n\r\n");
  kept(await transport.connect(listener.address, { signal }));
  const { value } = await listener[Symbol.asyncIterator]().next();
  expect(kept(value).protection).toEqual({ by: "TLSv1.3" });
});
