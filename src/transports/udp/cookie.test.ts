import { expect, test } from "vitest";
import { manualClock } from "../../testing/manual-clock.ts";
import { cookies } from "./cookie.ts";

const ATTEMPT = new Uint8Array(8).fill(1);
const FROM = { host: "192.0.2.1", port: 5_000 };

function made() {
  const clock = manualClock(1_700_000_000_000);
  return { clock, jar: cookies(new Uint8Array(32).fill(9), clock) };
}

test("knows its own cookie again, without having kept it", () => {
  const { clock, jar } = made();
  const cookie = jar.bake(ATTEMPT, FROM);
  clock.advance(9_000);
  expect(jar.holds(cookie, ATTEMPT, FROM)).toBe(true);
  expect(cookies(new Uint8Array(32).fill(9), clock).holds(cookie, ATTEMPT, FROM)).toBe(true);
});

test("does not take it from another host, port or opening", () => {
  const { jar } = made();
  const cookie = jar.bake(ATTEMPT, FROM);
  expect(jar.holds(cookie, ATTEMPT, { ...FROM, port: 5_001 })).toBe(false);
  expect(jar.holds(cookie, ATTEMPT, { ...FROM, host: "192.0.2.2" })).toBe(false);
  expect(jar.holds(cookie, new Uint8Array(8).fill(2), FROM)).toBe(false);
});

test("does not take it late, altered, from the future, or from another endpoint", () => {
  const { clock, jar } = made();
  const cookie = jar.bake(ATTEMPT, FROM);
  const later = cookies(new Uint8Array(32).fill(9), manualClock(1_600_000_000_000));
  const other = cookies(new Uint8Array(32).fill(8), clock);
  expect(later.holds(cookie, ATTEMPT, FROM)).toBe(false);
  expect(other.holds(cookie, ATTEMPT, FROM)).toBe(false);
  for (let at = 0; at < cookie.length; at++) {
    const altered = cookie.map((byte, place) => (place === at ? byte ^ 1 : byte));
    expect(jar.holds(altered, ATTEMPT, FROM)).toBe(false);
  }
  clock.advance(11_000);
  expect(jar.holds(cookie, ATTEMPT, FROM)).toBe(false);
});

test("takes nothing of another length", () => {
  const { jar } = made();
  expect(jar.holds(new Uint8Array(0), ATTEMPT, FROM)).toBe(false);
  expect(jar.holds(new Uint8Array(24), ATTEMPT, FROM)).toBe(false);
});
