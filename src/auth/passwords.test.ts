import { expect, test } from "vitest";
import { equalBytes } from "../bytes/equal.ts";
import { decodeUtf8, encodeUtf8 } from "../bytes/text.ts";
import type { Authenticator } from "../core/contracts/authenticator.ts";
import type { Evidence } from "../core/model/credentials.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Peer } from "../core/model/peer.ts";
import { createPakeSetup, startPakeClient, startPakeServer } from "../crypto/pake.ts";
import { passwordRecord } from "./password-record.ts";
import { passwords } from "./passwords.ts";

const peer: Peer = { id: "1", remote: "192.0.2.1:5000", dialect: "test" };
const setup = await createPakeSetup();
const record = await passwordRecord("tiger", { user: "ann", scopes: ["write"] }, setup);
const stored = passwords([record]);
const plain = passwords({ "1": "tiger", bob: { password: "lion", scopes: ["read"] } });

test("a password that crossed the wire is recognised, plain or as record", async () => {
  expect(await outcome(stored, carried("tiger", "ann"))).toBe("ann");
  expect(await outcome(stored, carried("tiger", "ann"))).toBe("ann");
  expect(await outcome(plain, carried("tiger", "1"))).toBe(1);
  expect(await outcome(plain, carried("lion", "bob"))).toBe("bob");
});

test("a password proven without showing it is recognised, plain or as record", async () => {
  expect(await outcome(stored, exchanged("tiger", "ann"))).toBe("ann");
  expect(await outcome(plain, exchanged("lion", "bob"))).toBe("bob");
});

test("wrong passwords and unknown users are refused in the same words", async () => {
  const attempts = [
    carried("lion", "ann"),
    carried("tiger", "nobody"),
    exchanged("lion", "ann"),
    exchanged("tiger", "nobody"),
    carried("x".repeat(2000), "ann"),
  ];
  for (const attempt of attempts) {
    await expect(stored.authenticate(attempt, peer)).rejects.toThrow(
      "user name and password do not fit together",
    );
  }
  expect(await outcome(plain, carried("tiger", "bob"))).toBe("UNAUTHENTICATED");
  expect(await outcome(plain, exchanged("tiger", "bob"))).toBe("UNAUTHENTICATED");
});

test("the right password of one does not make the wrong one of another right", async () => {
  const both = passwords([record, await passwordRecord("lion", { user: "bob" }, setup)]);
  expect(await outcome(both, carried("tiger", "ann"))).toBe("ann");
  expect(await outcome(both, carried("tiger", "bob"))).toBe("UNAUTHENTICATED");
});

test("one password for all has the empty user, named or not", async () => {
  const lone = passwords("tiger");
  expect(await outcome(lone, carried("tiger"))).toBe("");
  expect(await outcome(lone, carried("tiger", ""))).toBe("");
  expect(await outcome(lone, exchanged("tiger", ""))).toBe("");
  expect(await outcome(lone, carried("tiger", "ann"))).toBe("UNAUTHENTICATED");
  expect(await outcome(lone, carried("lion"))).toBe("UNAUTHENTICATED");
});

test("without a name the password finds its user", async () => {
  expect(await outcome(plain, carried("lion"))).toBe("bob");
  expect(await outcome(plain, carried("bear"))).toBe("UNAUTHENTICATED");
});

test("a proof is judged against plain passwords, and is nobody's when none fits", async () => {
  expect(await outcome(plain, proof("lion"))).toBe("bob");
  expect(await outcome(plain, { ...proof("tiger"), user: "bob" })).toBe("none");
  expect(await outcome(stored, { ...proof("tiger"), user: "ann" })).toBe("none");
});

test("other evidence is not its own to judge", async () => {
  expect(await outcome(plain, { scheme: "anonymous" })).toBe("none");
  expect(await outcome(plain, { scheme: "token", token: "tiger" })).toBe("none");
});

test("scopes come with the user, and an expired account is refused", async () => {
  const principal = await plain.authenticate(carried("lion", "bob"), peer);
  expect(principal?.scopes).toEqual(new Set(["read"]));
  const clock = { now: () => 1000 };
  const old = passwords({ ann: { password: "tiger", expiresAt: 1000 } }, { clock });
  expect(await outcome(old, carried("tiger", "ann"))).toBe("UNAUTHENTICATED");
});

test("accents may be composed either way", async () => {
  const accented = passwords({ ann: "caf\u00e9" });
  expect(await outcome(accented, carried("cafe\u0301", "ann"))).toBe("ann");
});

test("a record holds no password", () => {
  expect(decodeUtf8(record.pake)).not.toContain("tiger");
  expect(Object.keys(record).sort()).toEqual(["pake", "scopes", "user", "verifier"]);
});

test("empty passwords, doubled users and too many plain passwords are refused", () => {
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`u${at}`, "x"]));
  for (const wrong of ["", { ann: "" }, [record, record], many]) {
    expect(() => passwords(wrong)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  }
});

async function outcome(by: Authenticator, evidence: Evidence): Promise<string | number> {
  try {
    const principal = await by.authenticate(evidence, peer);
    return principal === undefined ? "none" : principal.id;
  } catch (error) {
    return error instanceof SealwireError ? error.code : `not coded: ${error}`;
  }
}

function carried(password: string, user?: string): Evidence {
  return { scheme: "password", password, ...(user === undefined ? {} : { user }) };
}

function proof(password: string): Extract<Evidence, { scheme: "proof" }> {
  const secret = encodeUtf8(password);
  return { scheme: "proof", matches: (candidate) => equalBytes(candidate, secret) };
}

/** A whole exchange as a dialect would run it, both sides in one place. */
function exchanged(password: string, user: string): Evidence {
  return {
    scheme: "pake",
    user,
    async prove(record) {
      if (record === undefined) throw new Error("there is always a record, if a false one");
      const client = await startPakeClient(password);
      const server = await startPakeServer(record, client.request);
      try {
        const { message, sessionKey } = client.finish(server.response);
        return equalBytes(server.finish(message), sessionKey);
      } catch {
        return false;
      }
    },
  };
}
