import { expect, it } from "vitest";
import { readVectors } from "../../../test/vectors/read-vectors.ts";
import { webCrypto } from "../../crypto/providers/web.ts";
import { native } from "../../dialects/native/index.ts";
import { serverAndClient } from "../../testing/server-and-client.ts";
import { type Streams, streams } from "./streams.ts";

interface Frame {
  readonly from: "client" | "server";
  readonly type: string;
  readonly id: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

const { frames } = readVectors<{ readonly frames: readonly Frame[] }>(
  "conduit-features/streams.json",
);
const FIRST_ITEM = 1795166492.9500222;

it("answers the calls of the original client as the original server does", async () => {
  await using pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    register: (server) => void server.install(streams()).create("ticks"),
  });
  const calls = frames.filter(({ type }) => type === "RPC_REQUEST");
  const theirs: unknown[] = [];
  const ours: unknown[] = [];
  for (const { id, payload } of calls) {
    const answer = frames.find((each) => each.type === "RPC_RESPONSE" && each.id === id);
    const result = answer?.payload["result"] as { readonly data: Record<string, unknown> };
    const params = payload["params"] as Record<string, unknown>;
    theirs.push(withoutChance(result.data));
    ours.push(withoutChance(await pair.client.call(String(payload["method"]), params)));
  }

  // Theirs never removes a subscriber: one that has unsubscribed is still counted.
  const list = { name: "ticks", owner: "server", subscribers: 0, active: true };
  expect(ours[2]).toEqual({ streams: [list] });
  expect(theirs[2]).toEqual({ streams: [{ ...list, subscribers: 1 }] });
  expect(ours.toSpliced(2, 1)).toEqual(theirs.toSpliced(2, 1));
});

it("sends items in the form of the original server, and takes those of the original client", async () => {
  const installed: Streams[] = [];
  await using pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    register: (server) => {
      installed.push(server.install(streams({ now: () => FIRST_ITEM * 1000 })));
    },
  });
  const [handle] = installed;
  const stream = handle?.create("ticks");
  const came = new Promise((resolve) => pair.client.onEvent("stream_data", resolve));
  await pair.client.call("stream_subscribe", { stream_name: "ticks" });
  await stream?.push({ n: 0 });
  const messages = frames.filter(({ type }) => type === "MESSAGE");
  const [item] = messages;
  const [pushed] = messages.slice(-2);
  const received = new Promise((resolve) => handle?.onClientStream("up", resolve));
  await pair.client.emit("stream_data", pushed?.payload["data"]);

  expect(await came).toEqual(item?.payload["data"]);
  expect(await received).toEqual({ frame: 1 });
});

/** The names of streams are chance. */
function withoutChance(answer: unknown): unknown {
  const { stream_id: id, ...rest } = answer as Record<string, unknown>;
  return { ...rest, ...(id !== undefined && { stream_id: typeof id }) };
}
