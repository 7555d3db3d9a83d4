import { afterEach, describe, expect, test } from "vitest";
import { openSrmudp, type SrmudpLink } from "../../../src/transports/srmudp/open-srmudp.ts";
import { srmudp } from "../../../src/transports/srmudp/srmudp.ts";
import { freePorts } from "../../tools/free-ports.ts";
import { relay, type Weather } from "../../tools/relay.ts";
import { pythonPeer, type Said } from "./python.ts";

const SIZES = [1, 1_425, 1_426, 1_427, 5_000, 65_536, 1_000_000];
const ROUGH: Weather = { reorder: 2, dup: 2, delay: 5 };

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7) % 251);
}

/** A link of ours and a Python peer, with such weather between them. */
async function met(
  mode: readonly string[],
  weather: Weather | undefined,
): Promise<{ readonly link: SrmudpLink; readonly said: Promise<readonly Said[]> }> {
  const [ours = 0, theirs = 0, listen = 0, back = 0] = await freePorts(4);
  if (weather !== undefined) {
    opened.push(await relay({ client: ours, to: theirs, listen, back }, weather));
  }
  const toThem = weather === undefined ? theirs : listen;
  const toUs = weather === undefined ? ours : back;
  const link = await openSrmudp({
    bind: { host: "127.0.0.1", port: ours },
    remote: { host: "127.0.0.1", port: toThem },
  });
  opened.push(link);
  const peer = pythonPeer(theirs, toUs, [...mode, "--span", "1"]);
  opened.push(peer);
  return { link, said: peer.said };
}

async function sendAll(weather: Weather | undefined): Promise<void> {
  const { link, said } = await met(["echo"], weather);
  const answers = link.messages[Symbol.asyncIterator]();
  for (const size of SIZES) {
    const message = pattern(size);
    const sent = link.send(message);
    const { value } = await answers.next();
    await sent;
    expect(Buffer.compare(value, message), `${size} bytes`).toBe(0);
  }
  await link.close();
  expect((await said).at(-1)).toEqual({ over: true });
}

async function echoAll(weather: Weather | undefined): Promise<void> {
  const { link, said } = await met(["send", "--sizes", SIZES.join()], weather);
  const echoing = (async () => {
    for await (const message of link.messages) void link.send(message).catch(() => {});
  })();
  const told = await said;
  // As the original does, it says goodbye once and is gone: where that one datagram was lost, a
  // link of ours waits for a peer that may come back, and has to be closed.
  await Promise.all([link.close(), echoing.catch(() => {})]);
  const compared = told.filter((line) => "size" in line);
  expect(compared.map(({ size, same }) => [size, same])).toEqual(SIZES.map((size) => [size, true]));
  expect(told.at(-1)).toEqual({ over: true });
  expect(told.filter((line) => "failed" in line || "dead" in line)).toEqual([]);
}

describe.each([
  ["directly", undefined],
  ["with 1 % loss, repeats and reordering", { ...ROUGH, loss: 1 }],
  ["with 5 % loss, repeats and reordering", { ...ROUGH, loss: 5 }],
])("a peer in Python, made from the description, %s", (_, weather) => {
  // The peer repeats after seconds, and some of that again when it is lost again.
  const limitMs = 60_000;
  test("gets messages of every size from us and sends them back", () => sendAll(weather), limitMs);
  test("sends messages of every size to us and gets them back", () => echoAll(weather), limitMs);
});

test("comes to a listener of ours like any other peer", async () => {
  const listener = await srmudp().listen(new URL("srmudp://127.0.0.1:0"));
  opened.push(listener);
  const [theirs = 0] = await freePorts(1);
  const sizes = ["send", "--sizes", "1,1426,5000,200000", "--span", "1"];
  const peer = pythonPeer(theirs, Number(listener.address.port), sizes);
  opened.push(peer);
  const arrival = await listener[Symbol.asyncIterator]().next();
  for await (const message of arrival.value) await arrival.value.write([message]);
  const told = await peer.said;
  expect(told.filter(({ same }) => same === true)).toHaveLength(4);
  expect(told.at(-1)).toEqual({ over: true });
});

test("searches the path with us without waiting for its end", async () => {
  const { link, said } = await met(["echo"], undefined);
  await link.send(pattern(1));
  await link.close();
  const established = (await said).find((line) => "established" in line);
  expect(established).toMatchObject({ mtu: 1_472 });
  expect(Number(established?.["probing"])).toBeLessThan(2);
});
