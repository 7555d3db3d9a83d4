import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { join } from "../../bytes/join.ts";
import type { Channel } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { sameBytes } from "../../testing/channel-ends.ts";
import { udp } from "./index.ts";

const IMPAIR = fileURLToPath(new URL("../../../test/tools/udp-impair", import.meta.url));
const OVER = new SealwireError("CANCELLED", "the test is over");
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A relay that can give its client another source port, as a router does that was restarted. */
async function impaired(port: number, ...options: readonly string[]) {
  const target = ["--listen", "127.0.0.1:0", "--to", `127.0.0.1:${port}`];
  const all = [IMPAIR, ...target, "--print-port", "--control", "--seed", "7", ...options];
  const child: ChildProcess = spawn("python3", all, { stdio: ["pipe", "pipe", "ignore"] });
  closers.push(() => child.kill());
  const [line] = await once(child.stdout ?? child, "data");
  const entrance = String(line).trim().split(":").at(-1);
  return {
    address: new URL(`udp://127.0.0.1:${entrance}`),
    /** Resolves when it has been heard: only `set` is answered, so one follows. */
    async rebind() {
      const answered = once(child.stdout ?? child, "data");
      child.stdin?.write("rebind\nset jitter=0\n");
      await answered;
    },
  };
}

/** A channel through such a relay, and its other end. */
async function connected(...options: readonly string[]) {
  const transport = udp({ pingActiveMs: 100 });
  const listener = await transport.listen(new URL("udp://127.0.0.1:0"));
  closers.push(() => listener.close());
  const relay = await impaired(Number(listener.address.port), ...options);
  const connecting = transport.connect(relay.address, { signal: new AbortController().signal });
  const { value: far }: { value: Channel } = await listener[Symbol.asyncIterator]().next();
  const near = await connecting;
  closers.push(
    () => near.close(OVER),
    () => far.close(OVER),
  );
  return { near, far, relay };
}

const pattern = (length: number) =>
  Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 9)) & 0xff);

async function transferred(from: Channel, to: Channel, bytes: Uint8Array): Promise<Uint8Array> {
  const chunks = to[Symbol.asyncIterator]();
  const written = from.write([bytes]);
  const got: Uint8Array[] = [];
  for (let length = 0; length < bytes.length; ) {
    const { done, value } = await chunks.next();
    if (done) break;
    got.push(value);
    length += value.length;
  }
  await written;
  return join(got);
}

test.each(["client", "server"])(
  "what the %s sends arrives whole and in order when a router gives the client a new address",
  async (sender) => {
    const { near, far, relay } = await connected();
    const before = far.remote;
    const [from, to] = sender === "client" ? [near, far] : [far, near];
    const sent = pattern(2_000_000);
    const first = await transferred(from, to, sent.subarray(0, 1_000_000));
    await relay.rebind();
    const received = join([first, await transferred(from, to, sent.subarray(1_000_000))]);
    expect(sameBytes(received, sent)).toBe(true);
    expect(far.remote).not.toBe(before);
  },
);

test("everything arrives through loss, doubling, and reordering at once", async () => {
  // Damage that udx does not notice is for the dialect to find, so none of it here.
  const { near, far } = await connected("--loss", "5", "--dup", "10", "--reorder", "10");
  const sent = pattern(500_000);
  const received = await transferred(near, far, sent);
  expect(sameBytes(received, sent)).toBe(true);
});
