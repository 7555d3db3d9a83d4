import fc from "fast-check";
import { expect, test } from "vitest";
import type { Clock } from "../../core/contracts/clock.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type ManualClock, manualClock } from "../../testing/manual-clock.ts";
import { Admission } from "./admission.ts";
import type { Opening, StreamOffer } from "./control.ts";
import { cookies } from "./cookie.ts";
import { Dial } from "./dial.ts";

const FROM = { host: "192.0.2.1", port: 5_000 };

/** What becomes of the n-th datagram: the times at which it arrives, none if it is lost. */
type Fate = readonly number[];

interface Meeting {
  readonly clock: ManualClock;
  readonly admitted: StreamOffer[];
  readonly counted: string[];
  readonly admission: Admission;
  dial(fates?: readonly Fate[]): Dial;
}

function meeting(room = 1_000): Meeting {
  const clock = manualClock(1_700_000_000_000);
  const admitted: StreamOffer[] = [];
  const counted: string[] = [];
  const admission = new Admission({
    clock,
    cookies: cookies(new Uint8Array(32), clock),
    maxRemembered: 1_000,
    admit: (theirs) => {
      if (admitted.length >= room) return undefined;
      return admitted.push(theirs);
    },
    count: (kind) => counted.push(kind),
  });
  return {
    ...{ clock, admitted, counted, admission },
    dial(fates = []) {
      let sent = 0;
      const carry = (opening: Opening, take: (opening: Opening) => void) => {
        for (const ms of fates[sent++] ?? [10]) clock.after(ms, () => take(opening));
      };
      const dial: Dial = new Dial({
        ...dialOptions(clock),
        send: (opening) =>
          carry(opening, (arrived) => {
            const answer = admission.answer(arrived, FROM);
            if (answer !== undefined) carry(answer, (back) => dial.receive(back));
          }),
      });
      void dial.result.catch(() => {});
      return dial;
    },
  };
}

function dialOptions(clock: Clock) {
  return {
    clock,
    timeoutMs: 10_000,
    stream: 77,
    unanswered: () => new SealwireError("UNAVAILABLE", "nobody"),
    refused: () => new SealwireError("UNAVAILABLE", "full"),
  };
}

test("opens in two round trips", async () => {
  const { clock, admitted, dial } = meeting();
  const { result } = dial();
  clock.advance(40);
  const { ours, theirs } = await result;
  expect(ours.stream).toBe(77);
  expect(theirs.stream).toBe(1);
  expect(admitted).toEqual([expect.objectContaining({ stream: 77, token: ours.token })]);
  expect(clock.waiting).toBe(0);
});

test("admits once and comes about, whatever is lost, doubled, late or overtaken", async () => {
  const fate = fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { maxLength: 6 }), async (fates) => {
      const { clock, admitted, dial } = meeting();
      const { result } = dial(fates);
      clock.advance(30_000);
      expect((await result).theirs.stream).toBe(1);
      expect(admitted.length).toBe(1);
      expect(clock.waiting).toBe(0);
    }),
  );
});

test("keeps nothing of those who never return a cookie", () => {
  const { admission, admitted } = meeting();
  for (let port = 1; port <= 2_000; port++) {
    const attempt = new Uint8Array(8).fill(port & 0xff);
    const answer = admission.answer({ kind: "hello", attempt }, { ...FROM, port });
    expect(answer?.kind).toBe("challenge");
  }
  expect(admitted).toEqual([]);
});

test("counts openings with a cookie of another address, and admits nobody", () => {
  const { admission, admitted, counted } = meeting();
  const attempt = new Uint8Array(8).fill(3);
  const challenge = admission.answer({ kind: "hello", attempt }, { ...FROM, host: "192.0.2.66" });
  if (challenge?.kind !== "challenge") throw new Error("expected a challenge");
  const { cookie } = challenge;
  const token = new Uint8Array(16);
  const open = { kind: "open", attempt, stream: 5, token, cookie } as const;
  expect(admission.answer(open, FROM)).toBeUndefined();
  expect(admitted).toEqual([]);
  expect(counted).toEqual(["forged"]);
});

test("is open soon where each of both questions is lost twice", async () => {
  const { clock, dial } = meeting();
  const lost: Fate = [];
  const opening = dial([lost, lost, [10], [10], lost, lost]);
  let openMs: number | undefined;
  void opening.result.then(() => {
    openMs = clock.now() - 1_700_000_000_000;
  });
  for (let ms = 0; ms < 2_000; ms += 10) {
    clock.advance(10);
    await Promise.resolve();
  }
  expect(openMs).toBeLessThanOrEqual(800);
});

test("repeats its answer to a repeated opening, also after the channel has ended", () => {
  const { admission, admitted, counted } = meeting();
  const attempt = new Uint8Array(8).fill(4);
  const challenge = admission.answer({ kind: "hello", attempt }, FROM);
  if (challenge?.kind !== "challenge") throw new Error("expected a challenge");
  const offer = { attempt, stream: 5, token: new Uint8Array(16), cookie: challenge.cookie };
  const first = admission.answer({ kind: "open", ...offer }, FROM);
  expect(admission.answer({ kind: "open", ...offer }, FROM)).toEqual(first);
  expect(admitted.length).toBe(1);
  expect(counted).toEqual(["stale"]);
});

test("says that there is no room", async () => {
  const { clock, counted, dial } = meeting(0);
  const { result } = dial();
  clock.advance(40);
  await expect(result).rejects.toThrow("full");
  expect(counted).toEqual(["refused"]);
});

test("says that nobody answers", async () => {
  const { clock, dial } = meeting();
  const { result } = dial(Array.from({ length: 40 }, () => []));
  clock.advance(9_999);
  expect(clock.waiting).toBeGreaterThan(0);
  clock.advance(1);
  await expect(result).rejects.toThrow("nobody");
  expect(clock.waiting).toBe(0);
});

test("is not led astray by answers to other openings or before their time", async () => {
  const { clock, dial } = meeting();
  const opening = dial();
  const token = new Uint8Array(16);
  const other = new Uint8Array(8).fill(250);
  expect(opening.receive({ kind: "refuse", attempt: other })).toBe(false);
  expect(opening.receive({ kind: "accept", attempt: other, stream: 6, token })).toBe(false);
  const early = { kind: "accept", attempt: opening.attempt, stream: 6, token } as const;
  expect(opening.receive(early)).toBe(false);
  clock.advance(40);
  expect((await opening.result).theirs.stream).toBe(1);
});
