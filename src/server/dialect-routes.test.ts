import { beforeEach, describe, expect, test } from "vitest";
import { type LinesOptions, lines } from "../../test/simulated/lines-dialect.ts";
import { platformWith } from "../../test/simulated/world.ts";
import { SILENT } from "../core/contracts/logger.ts";
import { IncomingCall } from "../core/engine/incoming-call.ts";
import { Router, type Routes } from "../core/engine/router.ts";
import { SealwireError } from "../core/model/errors.ts";
import { NO_ARGUMENTS } from "../core/model/message.ts";
import type { Peer, Principal } from "../core/model/peer.ts";
import { manualClock } from "../testing/manual-clock.ts";
import { accessTo } from "./access.ts";
import { CallProofs } from "./call-proofs.ts";
import { routesFor } from "./dialect-routes.ts";

const ANN: Principal = { id: "ann", scopes: new Set() };
const PEER: Peer = { id: "c1", remote: "here", dialect: "lines", principal: ANN };
const clock = manualClock(0);
const context = platformWith(clock).context?.();
let router: Router;

beforeEach(() => {
  router = new Router();
  router.add("closed", {}, (call) => call.principal?.id ?? "nobody");
  router.add("open", { public: true }, (call) => call.principal?.id ?? "nobody");
  router.add("below", { public: true }, () => context?.current()?.procedure);
  router.add("boom", { public: true }, () => {
    throw new TypeError("boom");
  });
});

function routes(options: LinesOptions, inside = false): Routes {
  const proofs = new CallProofs({
    access: accessTo(clock),
    judge: async (evidence) => {
      if (evidence.scheme === "token") return { id: evidence.token, scopes: new Set() };
      throw new SealwireError("UNAUTHENTICATED", "this server wants credentials");
    },
    proven: () => {},
  });
  const parts = { context: inside ? context : undefined, proofs, logger: SILENT };
  return routesFor(router, lines(options), parts);
}

async function call(from: Routes, procedure: string, token?: string): Promise<unknown> {
  const message = { kind: "call", id: 1, procedure, args: NO_ARGUMENTS } as const;
  const given = token === undefined ? message : { ...message, evidence: tokenOf(token) };
  const route = from.find(procedure);
  return route ? route.run(new IncomingCall(given, PEER, ANN)) : "nobody knows it";
}

const tokenOf = (token: string) => ({ scheme: "token", token }) as const;

test("a dialect that asks for nothing gets the procedures themselves", () => {
  expect(routes({})).toBe(router);
});

test("a procedure is wrapped once, and again when something changes around it", () => {
  const wrapped = routes({ showsErrors: true });
  const first = wrapped.find("open");
  expect(wrapped.find("open")).toBe(first);
  router.use((each, next) => next(each));
  expect(wrapped.find("open")).not.toBe(first);
});

describe("with proof by each call", () => {
  test("public procedures need none, and who calls is nobody, whoever called before", async () => {
    expect(await call(routes({ proves: true }), "open")).toBe("nobody");
    expect(await call(routes({ proves: true }), "open", "bob")).toBe("nobody");
  });

  test("closed procedures run as the one who proved this very call", async () => {
    expect(await call(routes({ proves: true }), "closed", "bob")).toBe("bob");
    const unproven = call(routes({ proves: true }), "closed");
    await expect(unproven).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  test("a procedure that does not exist is told at once", async () => {
    expect(await call(routes({ proves: true }), "none")).toBe("nobody knows it");
  });
});

describe("where every call is proven", () => {
  const strict = () => routes({ proves: true, everyCallProven: true });

  test.each(["open", "closed", "none"])("nothing is told of %s before the proof", async (name) => {
    const refused = await call(strict(), name).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({
      code: "UNAUTHENTICATED",
      message: "this server wants credentials",
    });
  });

  test("the proven learn that a procedure does not exist", async () => {
    const missing = call(strict(), "none", "bob");
    await expect(missing).rejects.toMatchObject({ code: "NOT_FOUND", type: "UnknownProcedure" });
  });

  test("public procedures know who calls", async () => {
    expect(await call(strict(), "open", "bob")).toBe("bob");
  });
});

test("errors show text and class only where the wire wants it", async () => {
  const shown = call(routes({ showsErrors: true }), "boom");
  await expect(shown).rejects.toMatchObject({ code: "INTERNAL", type: "TypeError" });
  await expect(call(routes({}), "boom")).rejects.toBeInstanceOf(TypeError);
});

test("the call is known below the handler only where a context is given", async () => {
  expect(await call(routes({}, true), "below")).toBe("below");
  expect(await call(routes({ showsErrors: true }), "below")).toBeUndefined();
});

test("calls that are refused take no place of those who work", async () => {
  const from = routes({ proves: true, defaults: { workers: 1 } });
  let finish: (value: unknown) => void = () => {};
  router.add("slow", {}, () => new Promise((resolve) => (finish = resolve)));
  const slow = call(from, "slow", "bob");
  await new Promise((resolve) => setImmediate(resolve));
  await expect(call(from, "closed")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  finish("done");
  expect(await slow).toBe("done");
});
