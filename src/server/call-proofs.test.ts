import { beforeEach, describe, expect, test } from "vitest";
import { IncomingCall } from "../core/engine/incoming-call.ts";
import type { Route } from "../core/engine/router.ts";
import type { Evidence } from "../core/model/credentials.ts";
import { SealwireError } from "../core/model/errors.ts";
import { NO_ARGUMENTS } from "../core/model/message.ts";
import { ANONYMOUS, type Peer, type Principal } from "../core/model/peer.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { accessTo } from "./access.ts";
import { CallProofs } from "./call-proofs.ts";

const PEER: Peer = { id: "c1", remote: "here", dialect: "none" };
const OTHER: Peer = { id: "c2", remote: "there", dialect: "none" };
const clock = manualClock(0);
let judged: string[];
let shown: string[];
let revoked: AbortController;
let proofs: CallProofs;

beforeEach(() => {
  judged = [];
  shown = [];
  revoked = new AbortController();
  proofs = new CallProofs({
    access: accessTo(clock),
    judge,
    proven: (peer, { id }) => shown.push(`${peer.id} is ${id}`),
  });
});

async function judge(evidence: Evidence): Promise<Principal> {
  judged.push(evidence.scheme);
  if (evidence.scheme === "anonymous") return ANONYMOUS;
  const id = nameIn(evidence);
  if (id.startsWith("wrong")) throw new SealwireError("UNAUTHENTICATED", "not accepted here");
  const { signal } = revoked;
  return { id, scopes: new Set(id === "root" ? ["all"] : []), revoked: signal, expiresAt: 1_000 };
}

function nameIn(evidence: Evidence): string {
  if (evidence.scheme === "token") return evidence.token;
  if (evidence.scheme === "api-key") return evidence.key;
  if (evidence.scheme === "password") return evidence.password;
  return evidence.scheme;
}

const WHO: Route = { name: "who", options: {}, run: (call) => call.principal?.id ?? "nobody" };

function call(evidence?: Evidence, { peer = PEER, route = WHO } = {}): unknown {
  const named = { procedure: route.name, args: NO_ARGUMENTS };
  const message = { kind: "call", id: 1, ...named, ...(evidence && { evidence }) } as const;
  return proofs.run(new IncomingCall(message, peer, undefined), route);
}

const token = (text: string): Evidence => ({ scheme: "token", token: text });

describe("evidence that holds", () => {
  test.each<Evidence>([
    token("ann"),
    { scheme: "api-key", key: "ann" },
    { scheme: "password", password: "ann" },
    { scheme: "password", password: "ann", user: "her" },
  ])("is judged once for a connection ($scheme)", async (evidence) => {
    expect(await call(evidence)).toBe("ann");
    expect(await call({ ...evidence })).toBe("ann");
    expect(judged).toHaveLength(1);
    expect(await call(evidence, { peer: OTHER })).toBe("ann");
    expect(judged).toHaveLength(2);
  });

  test("is judged once although many calls bring it before it has been judged", async () => {
    const answers = await Promise.all(Array.from({ length: 64 }, () => call(token("ann"))));
    expect(new Set(answers)).toEqual(new Set(["ann"]));
    expect(judged).toHaveLength(1);
    expect(shown).toEqual(["c1 is ann"]);
  });

  test("of one kind is not taken for another that reads alike", async () => {
    await call({ scheme: "password", password: "x", user: "y" });
    await call({ scheme: "password", password: "x" });
    await call({ scheme: "password", password: 'x","y' });
    await call({ scheme: "api-key", key: "x" });
    await call(token("x"));
    expect(judged).toHaveLength(5);
  });

  test("and cannot be repeated is judged each time", async () => {
    const proof: Evidence = { scheme: "proof", matches: () => true };
    expect([await call(proof), await call(proof)]).toEqual(["proof", "proof"]);
    expect(judged).toHaveLength(2);
    expect(shown).toEqual(["c1 is proof"]);
  });

  test("is remembered for so many identities of one connection, then judged each time", async () => {
    for (let i = 0; i < 100; i++) await call(token(`user ${i}`));
    for (let i = 0; i < 100; i++) await call(token(`user ${i}`));
    expect(judged).toHaveLength(200 - 16);
    expect(shown).toEqual(["c1 is user 0"]);
  });
});

describe("a call", () => {
  test("is refused and judged each time while its evidence is wrong", async () => {
    await expect(call(token("wrong"))).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(call(token("wrong"))).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(judged).toHaveLength(2);
    expect(shown).toEqual([]);
    expect(await call(token("right"))).toBe("right");
    expect(shown).toEqual(["c1 is right"]);
  });

  test("without evidence is judged as anonymous and remembered as nobody", async () => {
    await expect(call()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    const open: Route = { ...WHO, options: { public: true } };
    expect(await call(undefined, { route: open })).toBe("nobody");
    expect(judged).toEqual(["anonymous", "anonymous"]);
    expect(shown).toEqual([]);
  });

  test("needs the scopes of its procedure, also when its caller is known already", async () => {
    const route: Route = { ...WHO, options: { scopes: ["all"] } };
    for (let i = 0; i < 2; i++) {
      const denied = (async () => call(token("ann"), { route }))();
      await expect(denied).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    }
    expect(await call(token("root"), { route })).toBe("root");
  });

  test("is judged anew after the key was withdrawn", async () => {
    await call(token("ann"));
    revoked.abort();
    await call(token("ann"));
    expect(judged).toHaveLength(2);
  });

  test("is refused once the proof has expired", async () => {
    await call(token("ann"));
    clock.advance(1_000);
    expect(() => call(token("ann"))).toThrow(/expired/);
  });

  test("that is not one of a peer is a mistake of ours", () => {
    const foreign = { procedure: "who", args: NO_ARGUMENTS, meta: {}, peer: PEER } as never;
    expect(() => proofs.run(foreign, WHO)).toThrow(/not a call of a peer/);
  });
});
