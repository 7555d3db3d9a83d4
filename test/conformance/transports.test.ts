import { afterAll, beforeAll, describe, vi } from "vitest";
import { WebSocket } from "ws";
import { transportSuite } from "../../src/testing/transport-suite.ts";
import { memory } from "../../src/transports/memory/index.ts";
import { tcp, tls } from "../../src/transports/tcp/index.ts";
import { websocket as browserWebsocket } from "../../src/transports/websocket/index.browser.ts";
import { websocket } from "../../src/transports/websocket/index.ts";
import { makeCertificate } from "./certificate.ts";

const certificate = makeCertificate();

transportSuite("memory", () => ({ transport: memory(), address: new URL("memory://suite") }));

transportSuite("memory that keeps boundaries", () => ({
  transport: memory({ boundaries: "kept" }),
  address: new URL("memory://suite"),
}));

transportSuite("tcp", () => ({ transport: tcp(), address: new URL("tcp://127.0.0.1:0") }));

transportSuite("tcp over IPv6", () => ({ transport: tcp(), address: new URL("tcp://[::1]:0") }));

transportSuite("tls", () => ({
  transport: tls({ ...certificate, ca: certificate.cert }),
  address: new URL("tls://127.0.0.1:0"),
}));

transportSuite("ws", () => ({ transport: websocket(), address: new URL("ws://127.0.0.1:0/") }));

transportSuite("wss", () => ({
  transport: websocket({ secure: true, ...certificate, ca: certificate.cert }),
  address: new URL("wss://127.0.0.1:0/path"),
}));

// The WebSocket of the library has the browser's interface; browsers themselves are tested apart.
describe("with the browser's interface", () => {
  beforeAll(() => vi.stubGlobal("WebSocket", WebSocket));
  afterAll(() => vi.unstubAllGlobals());
  transportSuite("ws of browsers", () => ({
    transport: { ...browserWebsocket(), listen: websocket().listen },
    address: new URL("ws://127.0.0.1:0"),
  }));
});
