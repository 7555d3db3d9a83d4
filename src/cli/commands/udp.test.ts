import pc from "picocolors";
import { afterEach, expect, test } from "vitest";
import { bindUdp } from "../../transports/udp/datagram-socket.ts";
import type { Shell } from "../shell.ts";
import { talk, type UdpCommandOptions } from "./udp.ts";

const stops: AbortController[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
});

/** A shell that keeps what is printed, and can be stopped. */
function recording(): { shell: Shell; out: string[]; notes: string[]; stop: AbortController } {
  const out: string[] = [];
  const notes: string[] = [];
  const stop = new AbortController();
  stops.push(stop);
  const plain = pc.createColors(false);
  const shell: Shell = {
    ...{ env: {}, terminal: false, interactive: false, unread: false },
    colors: { out: plain, err: plain },
    async out(line) {
      out.push(line);
    },
    note: (line) => void notes.push(line),
    ask: async () => "",
    askHidden: async () => "",
    stop: stop.signal,
    takeSignals() {},
  };
  return { shell, out, notes, stop };
}

async function places(): Promise<[UdpCommandOptions, UdpCommandOptions]> {
  const sockets = [0, 0].map(() => bindUdp({ host: "127.0.0.1", port: 0 }));
  const [one = "", other = ""] = (await Promise.all(sockets)).map(
    ({ address }) => `127.0.0.1:${address.port}`,
  );
  for (const socket of sockets) await (await socket).close();
  return [
    { dialect: "srmudp", bind: one, to: other },
    { dialect: "srmudp", bind: other, to: one },
  ];
}

test("chat sends lines and prints what echo sends back", async () => {
  const [here, there] = await places();
  const echo = recording();
  const chat = recording();
  const echoing = talk(echo.shell, there, undefined);
  const code = await talk(chat.shell, here, async function* () {
    yield "hello";
    yield "wörld";
  });
  expect(code).toBe(0);
  expect(await echoing).toBe(0);
  expect(chat.out).toEqual(["established", "hello", "wörld"]);
  expect(echo.out).toEqual(["established", "hello", "wörld"]);
});

test("a wrong secret is told, with its exit code", async () => {
  const [here, there] = await places();
  const one = recording();
  const other = recording();
  const codes = await Promise.all([
    talk(one.shell, { ...here, secret: "one" }, undefined),
    talk(other.shell, { ...there, secret: "another" }, undefined),
  ]);
  expect(codes).toEqual([1, 1]);
  expect(one.notes.join()).toContain("UNAUTHENTICATED");
  expect(one.out).toEqual([]);
});

test("an address that is none is told before anything is opened", async () => {
  const { shell, notes } = recording();
  const options = { dialect: "srmudp", bind: "127.0.0.1", to: "127.0.0.1:1" } as const;
  expect(await talk(shell, options, undefined)).toBe(2);
  expect(notes.join()).toContain("--bind");
});

test("the same in Sealwire's own language, with a secret", async () => {
  const [here, there] = await places();
  const secret = "c2VjcmV0IG1hZGUgYnkgY2hhbmNlIDkzODQ3NTY";
  const echo = recording();
  const chat = recording();
  const echoing = talk(echo.shell, { ...there, dialect: "native", secret }, undefined);
  const code = await talk(chat.shell, { ...here, dialect: "native", secret }, async function* () {
    yield "hello";
  });
  expect(code).toBe(0);
  expect(chat.out).toEqual(["established, the secret is proven", "hello"]);
  echo.stop.abort();
  expect(await echoing).toBe(0);
  expect(echo.out).toEqual(["established, the secret is proven", "hello"]);
});
