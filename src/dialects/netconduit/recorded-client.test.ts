import { afterEach, describe, expect, test } from "vitest";
import {
  frameOf,
  type RawClient,
  type RawPeer,
  rawClient,
  WELCOME,
} from "../../../test/netconduit/peers.ts";
import { exchange, framesOf, payloadOf } from "../../../test/netconduit/recorded.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { FRAME_TYPES, formatFrame, parseFrame } from "./frame.ts";

const open: RawClient[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

describe("our client takes what recorded servers said", () => {
  test("client-answer-forms: every form of answer, and nothing of what it did not ask for", async () => {
    const { client, peer } = await loggedIn();
    // The stray answer, a request, CLOSE, and then the last answer.
    const [, , , , , , , , , , , ...last] = answers("client-answer-forms");
    const outcomes = await asked(client, peer, answers("client-answer-forms").slice(1, 11));
    const final = client.call("m", [], { named: { n: 10 } });
    await peer.next();
    peer.send(...last);

    expect(outcomes).toEqual([
      { code: "INTERNAL", message: "nope", details: { code: 4002, details: { k: 1 } } },
      { code: "UNKNOWN", message: "plain", details: {} },
      { code: "UNKNOWN", message: "in a response", details: {} },
      ...[5, 6, 7, { other: 9 }, 10],
      // The original takes an error frame without `success` for a value. An error is an error here.
      { code: "UNKNOWN", message: "no success key", details: {} },
      null,
    ]);
    expect(await final).toBe("right");
  });

  test("rpc-success, response-helpers and pagination: the data without its wrapper", async () => {
    for (const name of ["rpc-success", "response-helpers", "pagination"]) {
      const { client, peer } = await loggedIn();
      const recorded = exchange(name).frames.filter(({ decoded }) => decoded.type === 3);
      const outcomes = await asked(client, peer, framesOf(name, "s2c").slice(1));
      for (const [at, outcome] of outcomes.entries()) {
        const frame = recorded[at];
        const wrapper = (frame && (payloadOf(frame) as Wrapped).result) as Inner;
        if (wrapper.success) expect(outcome).toEqual("data" in wrapper ? wrapper.data : wrapper);
        else if (wrapper.error !== undefined) {
          expect(outcome).toMatchObject({ message: wrapper.error });
        } else expect(outcome).toMatchObject({ details: wrapper });
      }
    }
  });

  test("rpc-errors: each number has its code, and stays beside it", async () => {
    const { client, peer } = await loggedIn();
    const outcomes = await asked(client, peer, framesOf("rpc-errors", "s2c").slice(1));
    const codes = outcomes.map((each) => (each as { readonly code?: string }).code);
    const invalid = "INVALID_ARGUMENT";
    expect(codes).toEqual([
      ...["NOT_FOUND", invalid, invalid, invalid, invalid, undefined, undefined],
      ...[invalid, invalid, invalid, "INTERNAL", "INTERNAL", "INTERNAL", "NOT_FOUND"],
    ]);
    expect(outcomes[1]).toMatchObject({
      details: { code: 2000, details: { errors: [{ field: "a", type: "int_parsing" }] } },
    });
  });

  test("with conduit.raw the wrapper as it travelled, errors included", async () => {
    const { client, peer } = await loggedIn();
    const recorded = exchange("rpc-errors").frames.filter(({ decoded }) => decoded.type === 3);
    const meta = { "conduit.raw": "true" };
    for (const frame of recorded) {
      const call = client.call("m", [], { meta });
      const request = await peer.next();
      expect(request?.value).toEqual({ method: "m", params: {} });
      peer.send(reply(frameOf(3, payloadOf(frame)), Number(request?.id)));
      expect(await call).toEqual((payloadOf(frame) as Wrapped).result);
    }
  });

  test("rpc-list: as the list of any server of ours", async () => {
    const { client, peer } = await loggedIn();
    const [listing] = exchange("rpc-list").frames.filter(({ decoded }) => decoded.type === 3);
    const answer = frameOf(3, listing && payloadOf(listing));
    const [list, all, one, none] = [
      await answered(peer, client.call("$list"), answer),
      await answered(peer, client.call("$describe"), answer),
      await answered(peer, client.call("$describe", ["add"]), answer),
      await answered(peer, client.call("$describe", ["nothing"]).catch(codeOf), answer),
    ];
    expect(list).toHaveLength(10);
    expect(list).toContainEqual({
      ...{ name: "add", description: "Sum of two integers.", public: false, scopes: [] },
      params: ["a", "b"],
    });
    const integer = { vendor: "netconduit", schema: { type: "integer" } };
    expect(one).toMatchObject({
      params: [
        { name: "a", ...integer },
        { name: "b", ...integer },
      ],
      result: integer,
    });
    expect(all).toContainEqual(one);
    expect(none).toBe("NOT_FOUND");
  });

  test("heartbeats: $ping is one, so that the original answers it", async () => {
    const { client, peer } = await loggedIn();
    const pinged = client.ping();
    expect(await peer.next()).toMatchObject({ type: FRAME_TYPES.ping, id: 0, value: undefined });
    peer.send(frameOf(FRAME_TYPES.pong));
    expect(await pinged).toBeGreaterThan(0);
  });

  test("client-auth-refused-no-retry: a refused login is final", async () => {
    const raw = await rawClient({ callTimeoutMs: 1_000 });
    open.push(raw);
    const opening = raw.client.open(undefined).catch((thrown: unknown) => thrown);
    const peer = await raw.accept();
    await peer.next();
    peer.send(...framesOf("client-auth-refused-no-retry", "s2c"));
    expect(await opening).toMatchObject({
      code: "UNAUTHENTICATED",
      message: "the server refused the login: Invalid password",
    });
    expect(await raw.client.call("m").catch(codeOf)).not.toBe("DEADLINE_EXCEEDED");
  });

  test("client-loses-message-behind-auth: ours does not lose it", async () => {
    const raw = await rawClient();
    open.push(raw);
    const welcome = new Promise((resolve) => raw.client.onEvent("welcome", resolve));
    const opening = raw.client.open(undefined);
    const peer = await raw.accept();
    await peer.next();
    const [first, second] = framesOf("client-loses-message-behind-auth", "s2c");
    peer.send(first ?? WELCOME, second ?? WELCOME);
    await opening;
    expect(await welcome).toBe(1);
  });

  test("client-auth-answer-fragmented: ours waits for the rest", async () => {
    const raw = await rawClient();
    open.push(raw);
    const opening = raw.client.open(undefined);
    const peer = await raw.accept();
    await peer.next();
    for (const byte of WELCOME) peer.send(Uint8Array.of(byte));
    await opening;
    expect(raw.client.state).toBe("open");
  });
});

interface Wrapped {
  readonly result: unknown;
}

interface Inner {
  readonly success: boolean;
  readonly data?: unknown;
  readonly error?: string;
}

async function loggedIn() {
  const raw = await rawClient({ heartbeat: false });
  open.push(raw);
  const opening = raw.client.open(undefined);
  const peer = await raw.accept();
  await peer.next();
  peer.send(WELCOME);
  await opening;
  return { client: raw.client, peer };
}

function answers(name: string): readonly Uint8Array[] {
  return framesOf(name, "s2c");
}

/** One call for each frame, which answers it; the error in place of a value. */
async function asked(
  client: RawClient["client"],
  peer: RawPeer,
  frames: readonly Uint8Array[],
): Promise<readonly unknown[]> {
  const outcomes: unknown[] = [];
  for (const frame of frames) {
    const call = client.call("m", [], { named: { n: outcomes.length } }).catch(failureOf);
    outcomes.push(await answered(peer, call, frame));
  }
  return outcomes;
}

async function answered(peer: RawPeer, call: Promise<unknown>, frame: Uint8Array) {
  const request = await peer.next();
  peer.send(reply(frame, Number(request?.id)));
  return call;
}

/** The same frame as the answer to another request. */
function reply(bytes: Uint8Array, id: number): Uint8Array {
  return formatFrame({ ...parseFrame(bytes), id }, 0);
}

function failureOf(thrown: unknown): unknown {
  if (!(thrown instanceof SealwireError)) return thrown;
  const { code, message, details } = thrown;
  return { code, message, details };
}

function codeOf(thrown: unknown): unknown {
  return thrown instanceof SealwireError ? thrown.code : thrown;
}
