import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SealwireError } from "../core/model/errors.ts";
import { parseBridgeQuery, parseProxyQuery } from "./query.ts";

const PEER = "remote_host=192.0.2.1&remote_port=9602";

function proxyQuery(text: string) {
  return parseProxyQuery(new URLSearchParams(text));
}

function bridgeQuery(text: string) {
  return parseBridgeQuery(new URLSearchParams(text), 9_603);
}

describe("the query of /v0/ws/proxy", () => {
  it("reads what the document names", () => {
    const query = proxyQuery(`${PEER}&encryption_key=k%20%26&client_id=ann-1`);
    expect(query).toEqual({
      ...{ remoteHost: "192.0.2.1", remotePort: 9_602, localPort: 0, mode: "srmudp" },
      ...{ encryptionKey: "k &", clientId: "ann-1" },
    });
  });

  it("reads what is ours", () => {
    const query = proxyQuery(
      `${PEER}&local_port=4000&mode=udp&authenticate=1&format=binary&ticket=t`,
    );
    expect(query).toMatchObject({ localPort: 4_000, mode: "udp", authenticate: true });
    expect(query).toMatchObject({ binary: true, ticket: "t" });
  });

  it.each(["remote_host=::1", "remote_host=[2001:db8::1]", "remote_host=peer.example"])(
    "takes %s",
    (host) => expect(proxyQuery(`${host}&remote_port=1`).remotePort).toBe(1),
  );

  it.each([
    ["", /remote_host is missing/],
    ["remote_host=&remote_port=1", /remote_host is missing/],
    ["remote_host=a%20b&remote_port=1", /remote_host cannot be used/],
    ["remote_host=-x&remote_port=1", /remote_host cannot be used/],
    ["remote_host=h", /remote_port is missing/],
    ["remote_host=h&remote_port=0", /remote_port cannot be used/],
    ["remote_host=h&remote_port=65536", /remote_port cannot be used/],
    ["remote_host=h&remote_port=1e3", /remote_port cannot be used/],
    ["remote_host=h&remote_port=+12", /remote_port cannot be used/],
    [`${PEER}&remote_port=2`, /remote_port is given more than once/],
    [`${PEER}&encryption_key=`, /encryption_key cannot be used/],
    [`${PEER}&encryption_key=${"x".repeat(1_025)}`, /encryption_key cannot be used/],
    [`${PEER}&client_id=a/b`, /client_id cannot be used/],
    [`${PEER}&client_id=${"x".repeat(65)}`, /client_id cannot be used/],
    [`${PEER}&local_port=-1`, /local_port cannot be used/],
    [`${PEER}&mode=tcp`, /mode cannot be used; expected srmudp or udp/],
    [`${PEER}&authenticate=yes`, /authenticate cannot be used/],
  ])("refuses %j", (text, words) => {
    expect(() => proxyQuery(text)).toThrow(words);
  });

  it("never shows a key in what it says of it", () => {
    const key = `geheim${"x".repeat(2_000)}`;
    expect(() => proxyQuery(`${PEER}&encryption_key=${key}`)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("geheim") }),
    );
  });

  it("gives a query or a refusal for whatever comes", () => {
    const part = fc.constantFrom("remote_host", "remote_port", "encryption_key", "mode", "x");
    fc.assert(
      fc.property(fc.array(fc.tuple(part, fc.string())), (pairs) => {
        try {
          parseProxyQuery(new URLSearchParams(pairs.map(([name, value]) => [name, value])));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SealwireError);
          expect(thrown).toMatchObject({ code: "INVALID_ARGUMENT" });
        }
      }),
    );
  });
});

describe("the query of /v0/ws/bridge", () => {
  it.each([
    ["192.0.2.1:9602", "192.0.2.1", 9_602],
    ["::1:9602", "::1", 9_602],
    ["[::1]:9602", "::1", 9_602],
    ["peer:1", "peer", 1],
  ])("cuts %s at the last colon", (address, remoteHost, remotePort) => {
    const query = bridgeQuery(`remote_address=${encodeURIComponent(address)}`);
    expect(query).toMatchObject({ remoteHost, remotePort, localPort: 9_603 });
  });

  it("takes any port where the client says 0, and the one it names", () => {
    expect(bridgeQuery("remote_address=h:1&local_port=0").localPort).toBe(0);
    expect(bridgeQuery("remote_address=h:1&local_port=5000").localPort).toBe(5_000);
  });

  it.each([
    ["", /remote_address is missing/],
    ["remote_address=host", /remote_address cannot be used; expected host:port/],
    ["remote_address=host:", /remote_address cannot be used/],
    ["remote_address=host:x", /the port of remote_address/],
    ["remote_address=:5", /remote_address cannot be used/],
  ])("refuses %j", (text, words) => {
    expect(() => bridgeQuery(text)).toThrow(words);
  });
});
