import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readDocument, rowsOf } from "./architecture/document.ts";
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
  "test/vectors/raw": "its frames are the application's own",
  "test/interop/raw": "what carries it meets Python in test/interop/srmudp",
};

/** Rows that the document gives as words in the row of their family, or elsewhere. */
const REFINEMENTS = ["core", "transports/memory", "transports/websocket"];

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

  it("reads in docs/architecture.md the table that this test holds", () => {
    const document = readDocument(readFileSync(join(root, "docs/architecture.md"), "utf8"));
    const table = rowsOf(IMPORT_TABLE).filter(({ folder }) => !REFINEMENTS.includes(folder));
    expect(document).toEqual(expect.arrayContaining([...table]));
    expect(document.length).toBe(table.length);
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
