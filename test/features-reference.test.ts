import { expect, it } from "vitest";
import { PISCINA_DEFAULTS } from "../src/adapters/piscina/options.ts";
import { BROKER_DEFAULTS } from "../src/features/broker/options.ts";
import { CLUSTER_DEFAULTS } from "../src/features/cluster/options.ts";
import { FOLDER_DEFAULTS } from "../src/features/files/folder-store.node.ts";
import { FILES_DEFAULTS } from "../src/features/files/options.ts";
import { ROOMS_DEFAULTS } from "../src/features/rooms/options.ts";
import {
  DEFAULT_STATE_LIMITS,
  DEFAULT_WATCH_LIMITS,
} from "../src/features/shared-state/options.ts";
import { STREAMS_DEFAULTS } from "../src/features/streams/options.ts";
import { defaultsIn, pages } from "./documents/markdown.ts";

const all = pages();

it.each([
  ["files", { ...FILES_DEFAULTS, ...FOLDER_DEFAULTS }],
  ["streams", STREAMS_DEFAULTS],
  ["workers", PISCINA_DEFAULTS],
  ["broker", BROKER_DEFAULTS],
  ["rooms", ROOMS_DEFAULTS],
  ["cluster", CLUSTER_DEFAULTS],
  ["shared-state", { ...DEFAULT_STATE_LIMITS, ...DEFAULT_WATCH_LIMITS }],
])("the reference of %s has the defaults of the code", (name, defaults) => {
  const written = defaultsIn(all.get(`docs/reference/${name}.md`) ?? "");
  const numbers = Object.entries(defaults).filter(([, value]) => typeof value === "number");

  expect(Object.fromEntries(numbers.map(([option]) => [option, written.get(option)]))).toEqual(
    Object.fromEntries(numbers.map(([option, value]) => [option, grouped(value)])),
  );
});

/** Numbers as the documents write them: 30_000. */
function grouped(value: unknown): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "_");
}
