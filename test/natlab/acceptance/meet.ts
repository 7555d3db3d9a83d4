import type { PathKind } from "../../../src/peers/path.ts";
import type { LabStatus } from "../lab-peer.ts";
import type { Scene } from "./scene.ts";

/** How two peers came together; all times from the moment when the one called `connect`. */
export interface Met {
  readonly firstPath: PathKind | undefined;
  /** Until a call could be made. */
  readonly usableMs: number;
  /** Until both sides were on the wanted path; `undefined` when they never were. */
  readonly wantedMs: number | undefined;
  /** Where the caller has found the other on that path. */
  readonly remote: string | undefined;
}

/** What is waited for. */
export interface Wanted {
  /** The path at the side that calls, and at the other one. */
  readonly caller: PathKind;
  readonly listener: PathKind;
  readonly withinMs: number;
  /** At the side that calls, where the other one is. */
  readonly remote?: string;
}

export const DIRECT: Wanted = { caller: "direct", listener: "direct", withinMs: 6_000 };

/** Connects, waits for a path at both sides, and disconnects again. */
export async function meet(scene: Scene, wanted: Wanted): Promise<Met> {
  const met = await connect(scene, wanted);
  await scene.caller.ask("disconnect");
  return met;
}

/** Connects and stays. */
export async function connect(scene: Scene, wanted: Wanted): Promise<Met> {
  const { caller, listener } = scene;
  const [callersFrom, listenersFrom] = [caller.statuses.length, listener.statuses.length];
  const connected = await caller.ask("connect", { ...scene.meeting, timeoutMs: 20_000 });
  const beganAt = Number(connected["beganAt"]);
  const session = caller.statuses[callersFrom]?.session;
  const on = (path: PathKind, host?: string) => (told: LabStatus) =>
    told.session === session &&
    told.path === path &&
    (host === undefined || told.remote?.host === host);
  const [here, there] = await Promise.all([
    caller.status(on(wanted.caller, wanted.remote), wanted.withinMs, callersFrom),
    listener.status(on(wanted.listener), wanted.withinMs, listenersFrom),
  ]);
  const first = caller.statuses.slice(callersFrom).find(({ path }) => path !== undefined);
  return {
    firstPath: first?.path,
    usableMs: Number(connected["at"]) - beganAt,
    wantedMs: here && there && Math.max(here.at, there.at) - beganAt,
    remote: here?.remote?.host,
  };
}
