import { describe, expect, test } from "vitest";
import { sending, taken } from "../../../test/udp/flows.ts";

describe("a path that has brought 16 MiB without damage", () => {
  const large = new Uint8Array(65_536).fill(7);

  /** What an outflow sends to an inflow, until that trusts the path. */
  function trusted() {
    const { parts, outflow } = sending();
    const { data, inflow } = taken();
    while (!inflow.spares) {
      outflow.grant(large.length);
      outflow.write([large]);
      for (const part of parts.splice(0)) expect(inflow.push(part)).toBe(part.length);
    }
    data.length = 0;
    return { parts, outflow, data, inflow };
  }

  test("may leave out the check of large pieces, not of their headers and of small ones", () => {
    const { parts, outflow, data, inflow } = trusted();
    expect(inflow.verified).toBeGreaterThanOrEqual(2 ** 24);
    outflow.grant(2 * large.length, true);
    outflow.write([large]);
    outflow.write([Uint8Array.of(1, 2)]);
    const [piece, small] = parts;
    if (piece === undefined || small === undefined) throw new Error("unreachable");
    for (const [part, at] of [
      [piece, 0],
      [piece, 3],
      [piece, piece.length - 1],
      [small, 4],
    ] as const) {
      const changed = part.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(inflow.push(changed) ?? 0).toBe(0);
    }
    piece[1_000] = 8;
    expect(inflow.push(piece)).toBe(piece.length);
    expect(inflow.push(small)).toBe(small.length);
    expect(data.map(({ length }) => length)).toEqual([large.length, 2]);
  });

  test("must earn that again after damage, and each piece says whether it was checked", () => {
    const { parts, outflow, inflow } = trusted();
    inflow.restart();
    expect(inflow.spares).toBe(false);
    outflow.grant(2 * large.length, true);
    outflow.write([large]);
    outflow.grant(0, false);
    outflow.write([large]);
    const [spared, checked] = parts;
    expect([spared?.[0], checked?.[0]]).toEqual([0x40, 0]);
    for (const part of parts) expect(inflow.push(part)).toBe(part.length);
  });

  test("is for the other side to say: unasked, no check is left out", () => {
    const { parts, outflow } = sending();
    outflow.grant(large.length, true);
    outflow.write([large.subarray(0, 20_000)]);
    const [part] = parts;
    if (part === undefined) throw new Error("unreachable");
    expect(taken().inflow.push(part)).toBeUndefined();
  });
});
