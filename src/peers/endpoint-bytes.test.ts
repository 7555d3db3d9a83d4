import fc from "fast-check";
import { expect, test } from "vitest";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { addressBytes, ENDPOINT_BYTES, readEndpoint, writeEndpoint } from "./endpoint-bytes.ts";
import { serviceAddress } from "./rendezvous-address.ts";

function carried(host: string, port: number) {
  const bytes = writeEndpoint(new Writer(), { host, port }).finish();
  expect(bytes.length).toBe(ENDPOINT_BYTES);
  return readEndpoint(new Reader(bytes));
}

test("carries every IPv4 and IPv6 endpoint in nineteen bytes", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      expect(carried(host, port)).toEqual({ host, port });
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), (host) => {
      const again = carried(host, 9)?.host ?? "";
      expect(addressBytes(again)).toEqual(addressBytes(host));
    }),
  );
});

test("carries nothing for names, WebSockets and nobody", () => {
  expect(carried("example.org", 1)).toBeUndefined();
  expect(carried("192.0.2.1", 70_000)).toBeUndefined();
  expect(carried("999.0.2.1", 1)).toBeUndefined();
  expect(readEndpoint(new Reader(writeEndpoint(new Writer(), undefined).finish()))).toBeUndefined();
});

test("refuses a family that nobody knows", () => {
  const bytes = new Uint8Array(ENDPOINT_BYTES).fill(5);
  expect(() => readEndpoint(new Reader(bytes))).toThrow(/family 5/);
});

test("reads addresses of services with and without a port, and refuses the rest", () => {
  expect(serviceAddress("udp://192.0.2.1:80")).toMatchObject({ host: "192.0.2.1", port: 80 });
  expect(serviceAddress("example.org")).toMatchObject({ host: "example.org", port: 3_478 });
  expect(serviceAddress("udp://[2001:db8::1]:7")).toMatchObject({ host: "2001:db8::1", port: 7 });
  expect(serviceAddress("wss://example.org/meet")).toMatchObject({ webSocketOnly: true });
  for (const text of ["", "http://example.org", "udp://", "udp://a b", "://"]) {
    expect(() => serviceAddress(text)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  }
});
