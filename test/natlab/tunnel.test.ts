import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { tell } from "./acceptance/figures.ts";
import { Laboratory, missingLaboratory } from "./laboratory.ts";

const missing = missingLaboratory();
const lab = new Laboratory("t");
afterEach(() => lab.down());

const SERVICE = "udp://198.51.100.1:3600";
const CONTENT_BYTES = 20_000_000;

/** Gives so many bytes to whoever connects and says something. */
const SERVER = `
  require("node:net").createServer((socket) => {
    socket.once("data", () => socket.end(Buffer.alloc(${CONTENT_BYTES}, "sealwire")));
  }).listen(8080, "127.0.0.1", () => console.log("serving"));
`;

/** Says something and prints the digest of what it gets. */
const CLIENT = `
  const hash = require("node:crypto").createHash("sha256");
  const socket = require("node:net").connect(8022, "127.0.0.1");
  socket.on("data", (chunk) => hash.update(chunk));
  socket.on("end", () => console.log(hash.digest("hex")));
  socket.end("go");
`;

describe.skipIf(missing !== undefined)("a port of a machine at home", () => {
  test("is reached through a tunnel, and again after its router was started anew", async () => {
    lab.up("port-restricted", "symmetric");
    const service = lab.sealwire("pub", "rendezvous", "--listen", SERVICE);
    await service.line("listening udp:");
    await lab.start("a", process.execPath, "-e", SERVER).line("serving");
    const words = ["--rendezvous", SERVICE, "--to", "127.0.0.1:8080"];
    const exit = lab.sealwire("a", "tunnel", ...words);
    const code = (await exit.line("code ")).slice("code ".length).split(" ");
    const into = ["--rendezvous", SERVICE, "--listen", "127.0.0.1:8022", ...code];
    const entrance = lab.sealwire("b", "tunnel", ...into);
    await entrance.line("listening 127.0.0.1:8022");
    const whole = createHash("sha256").update(Buffer.alloc(CONTENT_BYTES, "sealwire"));
    const digest = whole.digest("hex");
    const beganMs = performance.now();
    const client = lab.start("b", process.execPath, "-e", CLIENT);
    await client.ended;
    const tookMs = Math.round(performance.now() - beganMs);
    lab.change("rebind", "a");
    const second = lab.start("b", process.execPath, "-e", CLIENT);
    await second.ended;
    const wanted = `${CONTENT_BYTES / 1_000_000} MB whole`;
    tell("tunnel to a TCP port behind port-restricted", wanted, `${tookMs} ms`);
    expect([client.out().trim(), second.out().trim()]).toEqual([digest, digest]);
  });
});
