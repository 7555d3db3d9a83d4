import { describe, expect, it } from "vitest";
import {
  dependencyViolations,
  dialectViolations,
  exportViolations,
  lengthViolations,
} from "./house.ts";

describe("lengthViolations", () => {
  const long = { path: "src/a.ts", text: "x\n".repeat(251) };

  it("names a file that is too long, and not one that just fits", () => {
    const fitting = { path: "src/b.ts", text: "x\n".repeat(250) };
    expect(lengthViolations([long, fitting], {})).toEqual([
      "src/a.ts has 251 lines, 250 are allowed: divide it",
    ]);
  });

  it("accepts an exception only with a reason and only while it is needed", () => {
    expect(lengthViolations([long], { "src/a.ts": "a table" })).toEqual([]);
    expect(lengthViolations([long], { "src/a.ts": "" })).toHaveLength(1);
    expect(lengthViolations([], { "src/a.ts": "a table" })).toHaveLength(1);
  });
});

describe("dependencyViolations", () => {
  const meta = { peerDependenciesMeta: { lmdb: { optional: true } } };
  const peers = { peerDependencies: { lmdb: "^3.0.0" }, ...meta };
  const user = { path: "adapters/lmdb/store.ts", text: `import { open } from "lmdb";` };

  it("accepts a peer that one folder imports, in however many files", () => {
    const other = { ...user, path: "adapters/lmdb/watch.ts" };
    expect(dependencyViolations([user, other], peers)).toEqual([]);
  });

  it("refuses a peer that two folders or none import", () => {
    const other = { ...user, path: "adapters/disk/store.ts" };
    expect(dependencyViolations([user, other], peers)).toEqual([
      "lmdb is an optional peer for exactly one folder, " +
        "but adapters/lmdb and adapters/disk import it",
    ]);
    expect(dependencyViolations([], peers)).toHaveLength(1);
  });

  it("refuses a dependency that only tests import", () => {
    const test = { path: "codecs/msgpack.test.ts", text: `import { ws } from "ws";` };
    expect(dependencyViolations([test], { dependencies: { ws: "^8.0.0" } })).toHaveLength(1);
  });

  it("refuses a peer that is not declared fully", () => {
    expect(dependencyViolations([user], meta)).toHaveLength(1);
    expect(dependencyViolations([user], { peerDependencies: { lmdb: "^3.0.0" } })).toHaveLength(1);
  });
});

describe("exportViolations", () => {
  const exists = (path: string) => path.startsWith("src/dialects/native/");
  const folders = () => ["native", "raw"];

  it("follows conditions and families to their sources", () => {
    const exports = {
      ".": { browser: "./dist/presets/browser.js", default: "./dist/dialects/native/index.js" },
      "./dialects/*": "./dist/dialects/*/index.js",
      "./package.json": "./package.json",
    };
    expect(exportViolations(exports, exists, folders)).toEqual([
      `exports["."] leads to ./dist/presets/browser.js, but there is no src/presets/browser.ts`,
      `exports["./dialects/*"] leads to ./dist/dialects/raw/index.js, ` +
        "but there is no src/dialects/raw/index.ts",
    ]);
  });
});

describe("dialectViolations", () => {
  it("wants page, vectors and foreign peer, or a reason", () => {
    const exists = (path: string) => path === "docs/dialects/raw.md";
    const reasons = { "test/interop/raw": "there is none" };
    expect(dialectViolations(["raw"], exists, reasons)).toEqual([
      "test/vectors/raw is missing: write it, or give the reason in the test",
    ]);
  });
});
