import { beforeEach, expect, test } from "vitest";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import type { Evidence } from "../core/model/credentials.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Principal } from "../core/model/peer.ts";
import { anonymous } from "./anonymous.ts";
import { firstOf } from "./first-of.ts";
import { throttled } from "./throttle.ts";

const ANN: Principal = { id: "ann", scopes: new Set() };
let now = 0;
let guard: Authenticator;

/** Accepts the password "right", refuses "wrong", knows nothing of others; "down" fails. */
const inner: Authenticator = firstOf(anonymous(), {
  async authenticate(evidence) {
    const password = evidence.scheme === "password" ? evidence.password : "";
    if (password === "right") return ANN;
    if (password === "down") throw new SealwireError("UNAVAILABLE", "down");
    if (password === "wrong") throw new SealwireError("UNAUTHENTICATED", "wrong");
    return undefined;
  },
});

beforeEach(() => {
  now = 0;
  guard = throttled(inner, {
    ...{ perAddress: 3, perAccount: 5, windowMs: 1000, maxRemembered: 10 },
    clock: { now: () => now },
  });
});

test("too many failures from one address are refused, from another not", async () => {
  expect(await outcomes(4, "wrong")).toEqual([...REFUSED_THRICE, "RATE_LIMITED"]);
  expect(await attempt("right")).toBe("RATE_LIMITED");
  expect(await attempt("right", { remote: "192.0.2.2:5000" })).toBe("ann");
});

test("the port makes no difference", async () => {
  for (const port of [1, 2, 3]) await attempt("wrong", { remote: `192.0.2.1:${port}` });
  expect(await attempt("right", { remote: "192.0.2.1:4" })).toBe("RATE_LIMITED");
});

test("the message tells how long to wait, and after it the address may try again", async () => {
  await outcomes(3, "wrong");
  now = 400;
  await expect(guard.authenticate(password("right"), peerAt("192.0.2.1:1"))).rejects.toThrow(
    "too many failed attempts from this address, try again in 1 s",
  );
  now = 1000;
  expect(await attempt("right")).toBe("ann");
});

test("one name is guarded against many addresses", async () => {
  for (let host = 1; host <= 5; host++) {
    await attempt("wrong", { remote: `198.51.100.${host}:1`, user: "ann" });
  }
  expect(await attempt("right", { remote: "198.51.100.9:1", user: "ann" })).toBe("RATE_LIMITED");
  expect(await attempt("right", { remote: "198.51.100.9:1", user: "bob" })).toBe("ann");
});

test("a success forgives earlier failures", async () => {
  await outcomes(2, "wrong");
  await attempt("right");
  expect(await outcomes(3, "wrong")).toEqual(REFUSED_THRICE);
});

test("evidence that nobody takes counts as a failure", async () => {
  expect(await outcomes(4, "unknown")).toEqual(["", "", "", "RATE_LIMITED"]);
});

test("a store that is down does not tell against the peer", async () => {
  await outcomes(10, "down");
  expect(await attempt("right")).toBe("ann");
});

test("leaving in the middle of a password exchange counts as a failure", async () => {
  const prove = async () => {
    throw new SealwireError("HANDSHAKE_FAILED", "the peer left");
  };
  const proving = throttled(
    {
      authenticate: async (evidence) =>
        evidence.scheme === "pake" && (await evidence.prove(undefined)) ? ANN : undefined,
    },
    { perAddress: 3 },
  );
  const evidence = { scheme: "pake", user: "ann", prove } as const;
  const codes = [];
  for (let time = 0; time < 4; time++) codes.push(await codeOf(proving, evidence));
  expect(codes.at(-1)).toBe("RATE_LIMITED");
});

test("those who prove nothing are not counted", async () => {
  for (let time = 0; time < 10; time++) {
    expect(await codeOf(guard, { scheme: "anonymous" })).toBe("anonymous");
  }
});

test("after a first failure, attempts at the same time count as well", async () => {
  await attempt("wrong");
  const burst = await Promise.all(Array.from({ length: 10 }, () => attempt("wrong")));
  expect(burst.filter((outcome) => outcome === "UNAUTHENTICATED")).toHaveLength(2);
});

test("many addresses do not fill the memory: the oldest is forgotten", async () => {
  await outcomes(3, "wrong");
  for (let host = 1; host <= 10; host++) await attempt("wrong", { remote: `203.0.113.${host}:1` });
  expect(await attempt("right")).toBe("ann");
});

test("secrets are found through it", async () => {
  const found = throttled({ ...inner, findSecret: async () => Uint8Array.of(7) });
  expect(await found.findSecret?.(() => true)).toEqual(Uint8Array.of(7));
});

test("limits below one are refused", () => {
  for (const limit of [{ perAddress: 0 }, { perAccount: Number.NaN }, { windowMs: -1 }]) {
    expect(() => throttled(inner, limit)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  }
});

const REFUSED_THRICE = Array(3).fill("UNAUTHENTICATED");

async function outcomes(times: number, word: string): Promise<readonly string[]> {
  const codes: string[] = [];
  for (let time = 0; time < times; time++) codes.push(await attempt(word));
  return codes;
}

function attempt(
  word: string,
  { remote = "192.0.2.1:5000", user }: { remote?: string; user?: string } = {},
): Promise<string> {
  return codeOf(guard, { ...password(word), ...(user === undefined ? {} : { user }) }, remote);
}

async function codeOf(by: Authenticator, evidence: Evidence, remote = "192.0.2.1:5000") {
  try {
    return String((await by.authenticate(evidence, peerAt(remote)))?.id ?? "");
  } catch (error) {
    return error instanceof SealwireError ? error.code : `not coded: ${error}`;
  }
}

function password(word: string) {
  return { scheme: "password", password: word } as const;
}

function peerAt(remote: string) {
  return { id: "1", remote, dialect: "test" };
}
