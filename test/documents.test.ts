import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { THROTTLE_DEFAULTS } from "../src/auth/index.ts";
import { DEFAULT_BACKOFF } from "../src/client/backoff.ts";
import { clientConfig } from "../src/client/options.ts";
import { checkedLimits } from "../src/codecs/msgpack-limits.ts";
import { DEFAULT_HEARTBEAT } from "../src/core/engine/heartbeat.ts";
import { DEFAULT_LIMITS } from "../src/core/engine/limits.ts";
import { ERROR_CODES } from "../src/core/model/errors.ts";
import { NATIVE_DEFAULTS } from "../src/dialects/native/options.ts";
import * as preset from "../src/presets/node.ts";
import { serverConfig } from "../src/server/options.ts";
import { brokenLinks, defaultsIn, pages, root } from "./documents/markdown.ts";

const all = pages();
const page = (name: string): string => all.get(`docs/reference/${name}.md`) ?? "";

describe("the documents", () => {
  it.each([...all])("%s links to what is there", (path, markdown) => {
    expect(brokenLinks(path, markdown)).toEqual([]);
  });

  it("explain every error code and no other", () => {
    const explained = [...page("errors").matchAll(/^## (\w+)$/gm)].map(([, code]) => code);

    expect(explained).toEqual([...ERROR_CODES]);
  });

  it("name everything that can be imported", () => {
    const reference = [...all].filter(([path]) => path.startsWith("docs/reference/"));
    const text = reference.map(([, markdown]) => markdown).join("\n");

    const missing = Object.keys(preset).filter((name) => !new RegExp(`\\b${name}\\b`).test(text));

    expect(missing).toEqual([]);
  });
});

describe("the tree in the architecture", () => {
  it.each(["core/model", "core/contracts", "core/engine", "dialects/native", "server", "client"])(
    "names every file of %s",
    (folder) => {
      const files = readdirSync(join(root, "src", folder)).filter((name) => /\.ts$/.test(name));
      const parts = files.filter((name) => !name.endsWith(".test.ts") && name !== "index.ts");

      const missing = parts.filter((name) => !architectureTree().includes(name));

      expect(missing, "add a line to section 4 of docs/architecture.md").toEqual([]);
    },
  );
});

describe("the defaults in the reference", () => {
  it.each([
    ["limits", { ...DEFAULT_LIMITS, ...checkedLimits({}) }],
    ["server", numbersOf(serverConfig({}))],
    ["client", numbersOf(clientConfig({}))],
    ["native", numbersOf(NATIVE_DEFAULTS)],
    ["authenticators", THROTTLE_DEFAULTS],
  ])("of %s are those of the code", (name, defaults) => {
    const written = defaultsIn(page(name));

    expect(
      Object.fromEntries(Object.keys(defaults).map((option) => [option, written.get(option)])),
    ).toEqual(
      Object.fromEntries(Object.entries(defaults).map(([key, value]) => [key, grouped(value)])),
    );
  });

  it("of heartbeat and reconnection are those of the code", () => {
    const { intervalMs, timeoutMs } = DEFAULT_HEARTBEAT;
    const { baseMs, maxMs } = DEFAULT_BACKOFF;

    for (const markdown of [page("server"), page("client")]) {
      expect(markdown).toContain(
        `{ intervalMs: ${grouped(intervalMs)}, timeoutMs: ${grouped(timeoutMs)} }`,
      );
    }
    expect(page("client")).toContain(`{ baseMs: ${grouped(baseMs)}, maxMs: ${grouped(maxMs)} }`);
  });
});

function architectureTree(): string {
  const [, section = ""] = (all.get("docs/architecture.md") ?? "").split("## 4. The tree");
  return section.split("\n## ")[0] ?? "";
}

/** Numbers as the documents write them: 30_000. */
function grouped(value: unknown): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, "_");
}

function numbersOf(config: object): Readonly<Record<string, number>> {
  const finite = Object.entries(config).filter(([, value]) => Number.isFinite(value));
  return Object.fromEntries(finite) as Readonly<Record<string, number>>;
}
