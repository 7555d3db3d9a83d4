import { Command } from "commander";
import { afterEach, expect, test } from "vitest";
import { recordingShell } from "../../../test/cli/recording-shell.ts";
import type { DatagramSocket } from "../../core/contracts/datagram-socket.ts";
import { answerBinding } from "../../stun/binding-service.ts";
import { bindUdp } from "../../transports/udp/datagram-socket.ts";
import { doctorCommand } from "./doctor.ts";

const HERE = { host: "127.0.0.1", port: 0 };
const sockets: DatagramSocket[] = [];

afterEach(async () => {
  await Promise.all(sockets.splice(0).map((socket) => socket.close()));
});

/** A STUN server that answers as if its clients came from elsewhere; `undefined`: silent. */
async function stunServer(seen: ((port: number) => number) | undefined): Promise<string> {
  const socket = await bindUdp(HERE);
  sockets.push(socket);
  socket.receive((bytes, from) => {
    if (seen === undefined) return;
    const source = { host: "203.0.113.7", port: seen(from.port) };
    const answer = answerBinding(bytes, source);
    if (answer !== undefined) socket.send(answer.bytes, from);
  });
  return `${socket.address.host}:${socket.address.port}`;
}

/** Runs `sealwire doctor`; gives its exit code and what it printed. */
async function doctor(env: Readonly<Record<string, string>>, ...words: readonly string[]) {
  const { shell, out, notes } = recordingShell(env);
  const program = new Command().exitOverride().configureOutput({ writeErr() {} });
  let code = -1;
  doctorCommand(program, async (work) => {
    code = await work(shell);
  });
  await program.parseAsync(["doctor", ...words], { from: "user" });
  return { code, out: out.join("\n"), notes: notes.join("\n") };
}

test("asks nobody who is not named, and says so", async () => {
  const { code, out } = await doctor({});
  expect(code).toBe(0);
  expect(out).toContain("No STUN server is named");
});

test("says in words that the router is easy", async () => {
  const [one, other] = [await stunServer((port) => port), await stunServer((port) => port)];
  const { code, out } = await doctor({}, "--stun", one, "--stun", other);
  expect(code).toBe(0);
  expect(out).toContain("this machine is 203.0.113.7:");
  expect(out).toContain("The router keeps one outside port for all destinations");
  expect(out).toContain("Direct connections work with most peers");
});

test("says why direct connections fail behind a hard router", async () => {
  const one = await stunServer((port) => port);
  const other = await stunServer((port) => port - 1);
  const { out } = await doctor({ SEALWIRE_STUN: `${one}, ${other}` });
  expect(out).toContain("The router takes different outside ports for different destinations.");
  expect(out).toContain("with others like this one the relay carries the data");
});

test("says that UDP does not pass, and fails", async () => {
  const { code, out } = await doctor({}, "--stun", await stunServer(undefined));
  expect(code).toBe(1);
  expect(out).toContain("No STUN server answered");
});

test("measures how long a silent port is kept", async () => {
  const ports = new Map<number, number>();
  const forgetful = await stunServer((port) => {
    const mapped = (ports.get(port) ?? port) + 1;
    ports.set(port, mapped);
    return mapped;
  });
  const steady = await stunServer((port) => port);
  const [short, long] = await Promise.all([
    doctor({}, "--stun", forgetful, "--mapping-life", "1"),
    doctor({}, "--stun", steady, "--mapping-life", "1"),
  ]);
  expect(short.out).toContain("not even 1 seconds, so set pingIdleMs lower");
  expect(long.out).toContain("keeps its outside port for 1 seconds or longer");
});

test("prints JSON for machines", async () => {
  const { out } = await doctor({}, "--json", "--stun", await stunServer((port) => port));
  expect(JSON.parse(out)).toMatchObject({
    local: { loopback: true },
    nat: { udp: true, mapping: "unknown", mapped: [{ host: "203.0.113.7" }] },
    reach: "unknown",
  });
});

test.each(["no port:", "host:0", "host:99999", "http://host", "2001:db8::1"])(
  "refuses %s as a server",
  async (text) => {
    await expect(doctor({}, "--stun", text)).rejects.toThrow("A STUN server is HOST");
    const { code, notes } = await doctor({ SEALWIRE_STUN: text });
    expect(code).toBe(2);
    expect(notes).toContain("SEALWIRE_STUN names");
  },
);
