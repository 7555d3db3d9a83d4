import { setTimeout as pause } from "node:timers/promises";
import type { Change, Store } from "../../src/core/contracts/store.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import { type Attempt, flawsOf } from "../state/history-model.ts";

/** One compare-and-set on a store, as its caller saw it. */
interface Try {
  /** Stands in the value that was written. */
  readonly id: number;
  readonly began: number;
  readonly ended: number;
  readonly expected: number;
  readonly made?: number;
  readonly met?: number;
}

/** Everything that happened to one key. */
export class Contest {
  readonly #key: string;
  readonly #tries: Try[] = [];
  /** What any node has told of: version → who wrote it. */
  readonly #told = new Map<number, number>();
  /** The versions that each watch has told, from its beginning to its end. */
  readonly #watches: number[][] = [];
  #ids = 0;
  #acknowledged = 0;
  #unknown = 0;

  constructor(key: string) {
    this.#key = key;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Tries whose outcome the caller was not told. */
  get unknown(): number {
    return this.#unknown;
  }

  /** Tries so often, each time on what it knows last, through whatever the engine goes. */
  async work(store: Store, times: number, onAcknowledged: () => void): Promise<void> {
    let expected = 0;
    for (let i = 0; i < times; i++) {
      const done = await this.#try(store, expected);
      expected = done.made ?? done.met ?? (await this.#versionAt(store));
      if (done.made !== undefined) onAcknowledged();
    }
  }

  /** Takes down what one node tells; begins anew when it is told to. Ends with the signal. */
  async follow(store: Store, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const versions: number[] = [];
      this.#watches.push(versions);
      try {
        for await (const change of store.watch(this.#key, { signal })) {
          versions.push(change.version);
          this.#tell(change);
        }
      } catch (thrown) {
        if (SealwireError.from(thrown).code !== "RATE_LIMITED") throw thrown;
      }
    }
  }

  /** What could not have happened one after the other; and acknowledged writes that are lost. */
  async flaws(store: Store): Promise<readonly string[]> {
    const versions = [...this.#told.keys()].sort((a, b) => a - b);
    const place = new Map(versions.map((version, i) => [version, i + 1]));
    place.set(0, 0);
    const last = await store.get(this.#key);
    const flaws = this.#watches.flatMap((told) => gapsIn(told.map((one) => place.get(one) ?? -1)));
    if (last?.version !== versions.at(-1)) flaws.push(`ends with ${last?.version}`);
    const ids = [...this.#told.values()];
    if (new Set(ids).size !== ids.length) flaws.push("one write was done twice");
    return [...flaws, ...flawsOf(this.#history(place, flaws))];
  }

  #history(place: ReadonlyMap<number, number>, flaws: string[]): readonly Attempt[] {
    const versionOf = new Map([...this.#told].map(([version, id]) => [id, version]));
    return this.#tries.flatMap((one) => {
      const found = versionOf.get(one.id);
      const made = one.made ?? found;
      if (one.made !== undefined && found !== one.made) flaws.push(`${one.made} is lost`);
      const outcome =
        made !== undefined
          ? { made: place.get(made) ?? -1 }
          : { met: place.get(one.met ?? -1) ?? -1 };
      if (made === undefined && one.met === undefined) return [];
      const ended = one.made === undefined && found !== undefined ? Number.MAX_VALUE : one.ended;
      return [{ began: one.began, ended, expected: place.get(one.expected) ?? -1, outcome }];
    });
  }

  async #try(store: Store, expected: number): Promise<Try> {
    this.#ids += 1;
    const id = this.#ids;
    const value = new Uint8Array(4);
    new DataView(value.buffer).setUint32(0, id);
    const began = performance.now();
    const outcome = await outcomeOf(store.put(this.#key, value, expected));
    const done = { id, began, ended: performance.now(), expected, ...outcome };
    if (outcome.made !== undefined) this.#acknowledged += 1;
    else if (outcome.met === undefined) this.#unknown += 1;
    this.#tries.push(done);
    return done;
  }

  /** While the engine is gone a caller comes back after a while. */
  async #versionAt(store: Store): Promise<number> {
    await pause(20);
    return (await store.get(this.#key).catch(() => undefined))?.version ?? 0;
  }

  #tell({ version, entry }: Change): void {
    if (!entry) return;
    const { buffer, byteOffset } = entry.value;
    const id = new DataView(buffer, byteOffset).getUint32(0);
    const known = this.#told.get(version) ?? id;
    if (known !== id) throw new Error(`${version} was told in two ways`);
    this.#told.set(version, id);
  }
}

/** Each is one more than the one before. */
function gapsIn(places: readonly number[]): readonly string[] {
  return places.flatMap((place, i) => {
    const before = places[i - 1];
    return before === undefined || place === before + 1 ? [] : [`told ${place} after ${before}`];
  });
}

async function outcomeOf(putting: Promise<number>): Promise<Pick<Try, "made" | "met">> {
  try {
    return { made: await putting };
  } catch (thrown) {
    const { code, details } = SealwireError.from(thrown);
    if (code === "UNAVAILABLE") return {};
    if (code !== "CONFLICT") throw thrown;
    const version = Object.entries(details ?? {}).find(([name]) => name === "version");
    return { met: Number(version?.[1]) };
  }
}
