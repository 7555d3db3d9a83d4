import { afterEach, describe, expect, test } from "vitest";
import { calling, closeMeetings, serving } from "../../../test/netconduit/meetings.ts";
import { frameOf, requestOf, WELCOME } from "../../../test/netconduit/peers.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { FRAME_TYPES } from "./frame.ts";

const closing: (() => Promise<void>)[] = [];
/** What no client counts up to; the calls of a server begin behind it. */
const FIRST = 2n ** 63n;

afterEach(() => closeMeetings(closing));

/** A server's connection to a client that has logged in, and that client. */
async function met() {
  const { server, peer } = await serving(closing);
  await peer.logIn();
  peer.send(frameOf(FRAME_TYPES.ping));
  await peer.next();
  const [connection] = server.connections.values();
  if (!connection) throw new Error("nobody has logged in");
  return { connection, peer };
}

describe("a server that calls its client", () => {
  test("sends a request under an id that no client counts up to", async () => {
    const { connection, peer } = await met();
    void connection.call("move", [2, 3], { named: { fast: true } }).catch(() => {});
    void connection.call("stop").catch(() => {});
    expect(await peer.next()).toMatchObject({
      ...{ type: FRAME_TYPES.rpcRequest, id: FIRST + 1n },
      value: { method: "move", params: { _0: 2, _1: 3, fast: true } },
    });
    expect(await peer.next()).toMatchObject({ id: FIRST + 2n, value: { method: "stop" } });
  });

  test("takes answers and errors in every form in which the client takes them", async () => {
    const { connection, peer } = await met();
    const { rpcResponse, rpcError } = FRAME_TYPES;
    const asked = [1, 2, 3].map(() => connection.call("m").catch((thrown: unknown) => thrown));
    for (let n = 0; n < 3; n++) await peer.next();
    const refused = { success: false, error: "no", code: 3003 };
    peer.send(
      frameOf(rpcError, { error: "broken", code: 1001 }, FIRST + 3n),
      frameOf(rpcResponse, { success: true, result: refused }, FIRST + 2n),
      frameOf(rpcResponse, { success: true, result: { success: true, data: 5 } }, FIRST + 1n),
    );
    expect(await Promise.all(asked)).toMatchObject([
      5,
      { code: "PERMISSION_DENIED", message: "no" },
      { code: "INTERNAL", message: "broken" },
    ]);
  });

  test("ignores answers to what it has not asked, whatever is in them", async () => {
    const { connection, peer } = await met();
    const answer = { success: true, data: 1 };
    const { rpcResponse, rpcError } = FRAME_TYPES;
    peer.send(frameOf(rpcResponse, answer, 1), frameOf(rpcError, answer, FIRST + 9n));
    peer.send(requestOf(1, "echo", { value: 2 }));
    expect(await peer.next()).toMatchObject({ id: 1 });
    expect(connection.ending).toBe(false);
  });

  test("gives up a client that says nothing, and goes on with it", async () => {
    const { connection, peer } = await met();
    const call = connection.call("m", [], { timeoutMs: 20 });
    await expect(call).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(await peer.next()).toMatchObject({ type: FRAME_TYPES.rpcRequest });
    peer.send(requestOf(1, "echo", { value: 2 }));
    expect(await peer.next()).toMatchObject({ id: 1 });
  });
});

describe("a client that its server calls", () => {
  test("answers in both wrappers, under the id that it was given, also twice", async () => {
    const { peer } = await called();
    peer.send(requestOf(7, "double", 4), requestOf(7, "double", { _0: 5 }));
    for (const data of [8, 10]) {
      expect(await peer.next()).toMatchObject({
        ...{ type: FRAME_TYPES.rpcResponse, id: 7 },
        value: { success: true, result: { success: true, data } },
      });
    }
  });

  test("says which procedures it has not, and what its own refused", async () => {
    const { client, peer } = await called();
    client.procedure("refuse", () => {
      throw new SealwireError("PERMISSION_DENIED", "not here");
    });
    peer.send(requestOf(1, "nothing"), requestOf(2, "refuse"), requestOf(3, "listall"));
    peer.send(frameOf(FRAME_TYPES.rpcRequest, "no map", 4));
    const results: unknown[] = [];
    for (let n = 0; n < 4; n++) results.push((await peer.next())?.value);
    expect(results).toEqual([
      failed({ error: "RPC method not found: nothing", code: 4000 }),
      failed({ error: "not here", code: 3003 }),
      failed({ error: "RPC method not found: listall", code: 4000 }),
      failed({ error: "RPC method not found", code: 4000 }),
    ]);
  });

  test("answers in its turn while it waits for the names of arguments", async () => {
    const { client, peer } = await called();
    const sum = client.call("add", [2, 3]);
    const lookup = await peer.next();
    peer.send(requestOf(9, "double", 2), frameOf(FRAME_TYPES.ping));
    expect(await peer.next()).toMatchObject({ type: FRAME_TYPES.pong });
    const methods = [{ name: "add", parameters: { a: "int", b: "int" } }];
    const listing = { success: true, result: { success: true, data: { methods } } };
    peer.send(frameOf(FRAME_TYPES.rpcResponse, listing, lookup?.id));
    const [request, answer] = [await peer.next(), await peer.next()];
    expect(request).toMatchObject({ value: { method: "add", params: { a: 2, b: 3 } } });
    expect(answer).toMatchObject({ id: 9, value: { result: { data: 4 } } });
    peer.send(frameOf(FRAME_TYPES.rpcResponse, { success: true, data: 5 }, request?.id));
    expect(await sum).toBe(5);
  });
});

/** A client of ours that has logged in and can double, and its server. */
async function called() {
  const met = await calling(closing);
  met.client.expose({ double: (n: number) => 2 * n });
  met.peer.send(WELCOME);
  await met.opening;
  return met;
}

function failed(error: { readonly error: string; readonly code: number }): unknown {
  return { success: true, result: { success: false, ...error } };
}
