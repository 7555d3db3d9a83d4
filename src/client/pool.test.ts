import { describe, expect, test } from "vitest";
import { clock, type Place, placesForEach, statesOf } from "../../test/pool/places.ts";
import { SealwireError } from "../core/model/errors.ts";
import { ClientPool } from "./pool.ts";

const { places, pool } = placesForEach();

async function where(of: ClientPool, times: number): Promise<string> {
  const answers: unknown[] = [];
  for (let call = 0; call < times; call++) answers.push(await of.call("where"));
  return answers.join("");
}

/** Cuts off everybody who is connected there. */
function cut({ pair }: Place): void {
  for (const connection of pair.server.connections.values()) {
    void connection.close(new SealwireError("UNAVAILABLE", "cut off by the test"));
  }
}

describe("choosing", () => {
  test("goes round by default", async () => {
    const members = await pool();
    expect(await where(members, 6)).toMatch(/^(abcabc|bcabca|cabcab)$/);
  });

  test("takes any, as chance has it", async () => {
    const chances = [0, 0.99, 0.5, 0.99];
    const members = await pool({ choice: "random", random: () => chances.shift() ?? 0 });
    expect(await where(members, 4)).toBe("acbc");
  });

  test("takes the one that answers fastest", async () => {
    const [a, b, c] = places;
    slowDown(a, 30);
    slowDown(c, 30);
    const members = await pool({ choice: "least-latency" });
    await expect.poll(() => members.members.every(({ latencyMs }) => latencyMs)).toBe(true);
    expect(await where(members, 3)).toBe("bbb");
    expect(b?.name).toBe("b");
  });

  test("offers the procedures of a contract", async () => {
    const api = (await pool()).api<{ where(): string; letters(): AsyncIterable<string> }>();
    expect(await api.where()).toMatch(/^[abc]$/);
    for await (const letter of api.letters()) {
      expect(letter).toMatch(/^[abc]$/);
      break;
    }
  });
});

/** Pings there take so long. */
function slowDown(slow: Place | undefined, ms: number): void {
  slow?.pair.server.use(async (call, next) => {
    if (call.procedure === "$ping") await new Promise((resolve) => setTimeout(resolve, ms));
    return next(call);
  });
}

describe("failing over", () => {
  test("opens when one server is there, and takes the others in when they come", async () => {
    const [a, b, c] = places;
    if (!a || !b || !c) return;
    a.down = true;
    b.down = true;
    const members = await pool();
    expect(statesOf(members)).toEqual(["broken", "broken", "open"]);
    expect(await where(members, 3)).toBe("ccc");
    a.down = false;
    await expect.poll(() => statesOf(members)[0]).toBe("open");
    expect(await where(members, 2)).toMatch(/a/);
  });

  test("passes over a member that is broken, until it is back", async () => {
    const [a] = places;
    if (!a) return;
    const members = await pool();
    await a.pair.server.close({ drainMs: 0 });
    await expect.poll(() => statesOf(members)[0]).not.toBe("open");
    expect(await where(members, 4)).not.toMatch(/a/);
  });

  test("repeats an idempotent call elsewhere when its connection breaks", async () => {
    const [a] = places;
    if (!a) return;
    const members = await pool({ choice: "random", random: () => 0 });
    const call = members.call("hang", [], { idempotent: true });
    await expect.poll(() => a.asked).toEqual(["hang"]);
    cut(a);
    expect(await call).toBe("b");
  });

  test("repeats nothing that is not idempotent", async () => {
    const [a, b] = places;
    if (!a || !b) return;
    const members = await pool({ choice: "random", random: () => 0 });
    const call = members.call("hang");
    await expect.poll(() => a.asked).toEqual(["hang"]);
    cut(a);
    await expect(call).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(b.asked).toEqual([]);
  });

  test("takes a handler's own UNAVAILABLE for an answer", async () => {
    const members = await pool();
    const call = members.call("unavailable", [], { idempotent: true });
    await expect(call).rejects.toThrow(/the store of/);
  });

  test("starts an idempotent stream again elsewhere", async () => {
    const [a] = places;
    if (!a) return;
    const members = await pool({ choice: "random", random: () => 0 });
    const seen: unknown[] = [];
    for await (const letter of members.stream("letters", [], { idempotent: true })) {
      if (seen.push(letter) === 1) cut(a);
    }
    expect(seen).toEqual(["a", "b", "end"]);
  });
});

describe("when nobody is there", () => {
  test("does not open, and says why", async () => {
    for (const each of places) each.down = true;
    await expect(pool()).rejects.toMatchObject({ code: "UNAVAILABLE", message: "a is down" });
  });

  test("a call waits for somebody to come", async () => {
    const [a, b, c] = places;
    if (!a || !b || !c) return;
    b.down = true;
    c.down = true;
    const members = await pool();
    await a.pair.server.close({ drainMs: 0 });
    await expect.poll(() => statesOf(members)).not.toContain("open");
    const call = members.call("where");
    b.down = false;
    expect(await call).toBe("b");
  });

  test("a call waits no longer than its deadline, and no longer than its signal", async () => {
    const members = await pool();
    for (const { pair } of places) await pair.server.close({ drainMs: 0 });
    await expect.poll(() => statesOf(members)).not.toContain("open");
    const late = members.call("where", [], { timeoutMs: 10 });
    await expect(late).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    const leaving = new AbortController();
    const left = members.call("where", [], { signal: leaving.signal });
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: "CANCELLED" });
  });

  test("whoever waits is told when the pool closes, and everybody afterwards", async () => {
    const members = await pool();
    for (const { pair } of places) await pair.server.close({ drainMs: 0 });
    await expect.poll(() => statesOf(members)).not.toContain("open");
    const waiting = members.call("where");
    const refused = expect(waiting).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await members.close();
    await refused;
    await expect(members.call("where")).rejects.toThrow(/closed/);
    expect(statesOf(members)).toEqual(["closed", "closed", "closed"]);
  });
});

test.each([0, 257])("a pool of %i servers is refused", (count) => {
  const servers = Array.from({ length: count }, () => places[0]).filter(
    (each) => each !== undefined,
  );
  expect(() => new ClientPool(servers, clock)).toThrow(/1 to 256/);
});
