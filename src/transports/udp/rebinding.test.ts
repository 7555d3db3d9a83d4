import { afterEach, expect, test } from "vitest";
import { relay } from "../../../test/tools/relay.ts";
import { join } from "../../bytes/join.ts";
import type { Channel } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { sameBytes } from "../../testing/channel-ends.ts";
import { udp } from "./index.ts";

const OVER = new SealwireError("CANCELLED", "the test is over");
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A channel through a router, and its other end. */
async function connected() {
  const transport = udp({ pingActiveMs: 100 });
  const listener = await transport.listen(new URL("udp://127.0.0.1:0"));
  closers.push(() => listener.close());
  const router = await relay({ to: Number(listener.address.port) });
  closers.push(() => router.close());
  const entrance = new URL(`udp://127.0.0.1:${router.port}`);
  const connecting = transport.connect(entrance, { signal: new AbortController().signal });
  const { value: far }: { value: Channel } = await listener[Symbol.asyncIterator]().next();
  const near = await connecting;
  closers.push(
    () => near.close(OVER),
    () => far.close(OVER),
  );
  return { near, far, router };
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
    const { near, far, router } = await connected();
    const before = far.remote;
    const [from, to] = sender === "client" ? [near, far] : [far, near];
    const sent = pattern(2_000_000);
    const first = await transferred(from, to, sent.subarray(0, 1_000_000));
    await router.rebind();
    const received = join([first, await transferred(from, to, sent.subarray(1_000_000))]);
    expect(sameBytes(received, sent)).toBe(true);
    expect(far.remote).not.toBe(before);
  },
);
