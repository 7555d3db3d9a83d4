import { Command } from "commander";
import pc from "picocolors";
import { afterEach, describe, expect, it } from "vitest";
import { openSrmudp, type SrmudpLink } from "../../transports/srmudp/index.ts";
import { bindUdp } from "../../transports/udp/datagram-socket.ts";
import type { Shell } from "../shell.ts";
import { proxyCommand } from "./proxy.ts";
import { wsChat } from "./ws-chat.ts";

/** Busy machines take their time. */
const SOON = { timeout: 8_000 };

const stops: AbortController[] = [];
const links: SrmudpLink[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) stop.abort();
  for (const link of links.splice(0)) await link.close();
});

interface TestShell extends Shell {
  readonly printed: readonly string[];
  readonly noted: readonly string[];
  end(): void;
}

function testShell(env: Readonly<Record<string, string>> = {}): TestShell {
  const printed: string[] = [];
  const noted: string[] = [];
  const stop = new AbortController();
  stops.push(stop);
  const plain = pc.createColors(false);
  return {
    ...{ env, printed, noted, terminal: false, interactive: false, unread: false },
    colors: { out: plain, err: plain },
    async out(line) {
      printed.push(line);
    },
    note: (line) => void noted.push(line),
    ask: async () => "",
    askHidden: async () => "asked for",
    stop: stop.signal,
    takeSignals() {},
    end: () => stop.abort(),
  };
}

/** Runs `sealwire proxy` with these words. */
function proxy(shell: Shell, ...words: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const program = new Command().exitOverride().configureOutput({ writeErr() {} });
    proxyCommand(program, async (work) => resolve(await work(shell)));
    program.parseAsync(["proxy", ...words], { from: "user" }).catch(reject);
  });
}

async function listening(shell: TestShell): Promise<string> {
  await expect.poll(() => shell.printed.length, SOON).toBeGreaterThan(0);
  return (shell.printed[0] ?? "").replace("listening http", "ws");
}

async function freePort(): Promise<number> {
  const socket = await bindUdp({ host: "127.0.0.1", port: 0 });
  await socket.close();
  return socket.address.port;
}

describe("sealwire proxy", () => {
  it("says where it listens, and ends in order", async () => {
    const shell = testShell();
    const ended = proxy(shell, "--listen", "http://127.0.0.1:0");
    const url = await listening(shell);
    const health = await fetch(`${url.replace("ws", "http")}v0/health`);
    expect(await health.json()).toEqual({ status: "ok" });
    expect(shell.noted.join("\n")).toMatch(/everybody may use it/);
    shell.end();
    expect(await ended).toBe(0);
  });

  it.each([
    [["--listen", "http://0.0.0.0:0"], /hint: --api-key/],
    [["--listen", "nonsense"], /http:\/\/127\.0\.0\.1:8000/],
    [["--srmudp-port", "x"], /--srmudp-port/],
    [["--tls-cert", "x"], /belong together/],
    [["--allow-target", "a b"], /allowedTargets/],
    [["--api-key", "nocolon"], /--api-key wants/],
  ])("does not start with %j, and says why", async (words, why) => {
    const shell = testShell();
    expect(await proxy(shell, ...words)).toBe(2);
    expect(shell.noted.join("\n")).toMatch(why);
  });

  it("asks for a key when it is given one", async () => {
    const shell = testShell();
    const listen = ["--listen", "http://127.0.0.1:0"];
    const ended = proxy(shell, ...listen, "--api-key", "ann:a-free-text-key");
    const url = (await listening(shell)).replace("ws", "http");
    expect((await fetch(`${url}v0/ws/connections`)).status).toBe(401);
    shell.end();
    await ended;
  });
});

describe("sealwire ws-chat", () => {
  it("sends lines to a peer, prints what it says, and ends when all has arrived", async () => {
    const gateway = testShell();
    const words = ["--listen", "http://127.0.0.1:0", "--allow-private", "--bind", "127.0.0.1"];
    const ended = proxy(gateway, ...words);
    const wsUrl = `${await listening(gateway)}v0/ws/proxy`;
    const [peerPort, localPort] = [await freePort(), await freePort()];
    const peer = await openSrmudp({
      bind: { host: "127.0.0.1", port: peerPort },
      remote: { host: "127.0.0.1", port: localPort },
    });
    links.push(peer);
    const shell = testShell({ SEALWIRE_ENCRYPTION_KEY: "geheim" });
    const options = {
      ...{ wsUrl, remoteHost: "127.0.0.1", remotePort: String(peerPort) },
      localPort: String(localPort),
    };
    const received = peer.messages[Symbol.asyncIterator]();
    const code = wsChat(shell, options, async function* () {
      yield "hallo";
      const { value } = await received.next();
      await peer.send(new TextEncoder().encode(`gehört: ${new TextDecoder().decode(value)}`));
      await peer.send(Uint8Array.of(0xff));
      await expect.poll(() => shell.printed, SOON).toHaveLength(2);
    });
    expect(await code).toBe(0);
    expect(shell.printed).toEqual(["gehört: hallo", "(1 bytes) /w=="]);
    const statuses = shell.noted.filter((line) => /^[A-Z_]+:/.test(line));
    expect(statuses.map((line) => line.split(":")[0])).toEqual([
      ...["CONNECTED", "UDP_WAITING", "UDP_ESTABLISHED"],
    ]);
    gateway.end();
    await ended;
  });

  const PLACE = { wsUrl: "ws://127.0.0.1:9/", remoteHost: "h", remotePort: "9" };
  async function* nothing(): AsyncGenerator<string> {}

  it.each([
    [{ ...PLACE }, 2, /a key is missing/],
    [{ ...PLACE, encryptionKey: "k", remotePort: "x" }, 2, /--remote-port/],
    [{ ...PLACE, encryptionKey: "k", wsUrl: "http://x" }, 2, /ws:\/\/host/],
    [{ ...PLACE, encryptionKey: "-" }, 3, /no WebSocket at/],
  ])("ends %j with %i", async (options, code, why) => {
    const shell = testShell();
    expect(await wsChat(shell, options, nothing)).toBe(code);
    expect(shell.noted.join("\n")).toMatch(why);
  });
});
