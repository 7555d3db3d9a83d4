import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  dependencyViolations,
  dialectViolations,
  exportViolations,
  foldersIn,
  lengthViolations,
  type PackageJson,
  readSources,
} from "./architecture/house.ts";
import { importViolations } from "./architecture/imports.ts";
import { lockViolations } from "./architecture/lock.ts";
import { IMPORT_TABLE } from "./architecture/table.ts";

/** Files that may pass the limit of lines, each with its reason. */
const LONG_FILES: Readonly<Record<string, string>> = {};

/** What a dialect lacks, each with its reason. */
const DIALECTS_LACK: Readonly<Record<string, string>> = {
  "test/interop/native":
    "No program in another language speaks it yet; its page is the specification for the first.",
};

const root = fileURLToPath(new URL("..", import.meta.url));
const inRoot = (path: string) => existsSync(join(root, path));
const manifest: PackageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const sources = readSources(join(root, "src"));

describe("the house", () => {
  it("has sources to judge", () => {
    expect(sources.length).toBeGreaterThan(10);
  });

  it("imports only what the table of docs/architecture.md allows", () => {
    expect(importViolations(sources, manifest)).toEqual([]);
  });

  it("has in the document the same rows as in the test", () => {
    expect(rowsOfDocument()).toEqual(rowsOfTable());
  });

  it("declares every package it imports and imports every package it declares", () => {
    expect(dependencyViolations(sources, manifest)).toEqual([]);
  });

  it("locks its packages for every platform and for no registry in particular", () => {
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
    expect(lockViolations(lock)).toEqual([]);
  });

  it("has no file that is too long to read at once", () => {
    const files = ["src", "scripts", "examples", "test"].flatMap((folder) =>
      readSources(join(root, folder)).map(({ path, text }) => ({
        path: `${folder}/${path}`,
        text,
      })),
    );
    expect(lengthViolations(files, LONG_FILES)).toEqual([]);
  });

  it("exports only what has a source", () => {
    const folders = (parent: string) => foldersIn(join(root, parent));
    expect(exportViolations(manifest.exports, inRoot, folders)).toEqual([]);
  });

  it("has a page, vectors and a foreign peer for every dialect", () => {
    const dialects = foldersIn(join(root, "src/dialects"));
    expect(dialectViolations(dialects, inRoot, DIALECTS_LACK)).toEqual([]);
  });
});

/** The folders named in the table of section 5, families written with `*`. */
function rowsOfDocument(): readonly string[] {
  const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const [, section = ""] = text.split("## 5. Who may import whom");
  const cells = section.split("\n## ")[0]?.matchAll(/^\|((?: `[^`]+`,?)+) \|/gm) ?? [];
  const names = [...cells].flatMap(([, cell = ""]) => cell.match(/[^`\s,]+/g) ?? []);
  return names.map((name) => name.replace(/\/x$/, "/*")).sort();
}

/** The rows of the test, without those that only give one folder of a family less or a package. */
function rowsOfTable(): readonly string[] {
  const refinements = ["core", "transports/memory", "transports/websocket"];
  const names = IMPORT_TABLE.map(({ folder }) => folder);
  return names.filter((name) => !refinements.includes(name)).sort();
}
