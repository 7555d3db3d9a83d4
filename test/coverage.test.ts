import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./documents/markdown.ts";

/** One line of a table. */
interface Row {
  readonly section: string;
  readonly cells: readonly string[];
}

/** A test that a line names: its file, and its title where there is one. */
interface Proof {
  readonly file: string;
  readonly title: string | undefined;
}

const markdown = readFileSync(join(root, "docs/coverage.md"), "utf8");
const rows = rowsOf(markdown);
const proofs = rows.flatMap(({ cells }) => proofsIn(cells.at(-1) ?? ""));

describe("the page of what the Python systems promise", () => {
  it("has no empty cell", () => {
    const empty = rows.filter(({ cells }) => cells.some((cell) => cell === ""));
    expect(empty).toEqual([]);
  });

  it("names files that are there", () => {
    const named = [
      ...markdown.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.\w+|LICENSE|[\w-]+\.(?:json|md))`/g),
    ];
    const files = named.map(([, path = ""]) => path).filter((path) => !path.startsWith("./"));
    expect(files.length).toBeGreaterThan(500);
    expect([...new Set(files)].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("quotes titles that tests have", () => {
    expect(proofs.filter(({ title }) => title !== undefined).length).toBeGreaterThan(300);
    expect(proofs.filter((proof) => !isHeldBy(proof))).toEqual([]);
  });

  it("has a test in each line of what is here", () => {
    const unproven = rows.filter(
      ({ cells }) => cells.length === 3 && proofsIn(cells[2] ?? "").length === 0,
    );
    expect(unproven).toEqual([]);
  });

  // As many as the documents and the notes have; who drops a line has to say so here.
  it.each([
    ["Secure RPC", 40],
    ["RPC with ZeroMQ", 26],
    ["Trusted sockets", 34],
    ["netconduit: the guide", 25],
    ["Options of the server", 24],
    ["Options of the client", 21],
    ["Server API", 17],
    ["Client API", 15],
    ["Response and error helpers", 11],
    ["Client pool", 10],
    ["Streams", 9],
    ["File transfer", 11],
    ["The rest", 10],
    ["Traps: RPC with ZeroMQ", 10],
    ["Traps: Secure RPC", 18],
    ["Traps: Trusted sockets", 11],
    ["Traps: netconduit", 16],
    ["WebSocket-SRMUDP proxy", 15],
  ])("%s has all its %i lines", (section, count) => {
    expect(rows.filter((row) => row.section === section)).toHaveLength(count);
  });
});

/** The lines of all tables, without their heads. A part of "Traps" is named with it. */
function rowsOf(text: string): readonly Row[] {
  const found: Row[] = [];
  let [chapter, section] = ["", ""];
  let inTable = false;
  for (const line of text.split("\n")) {
    const [, marks = "", title = ""] = /^(##+) (.+)$/.exec(line) ?? [];
    if (marks === "##") chapter = title;
    if (marks !== "") section = marks === "###" && chapter === "Traps" ? `Traps: ${title}` : title;
    if (inTable && line.startsWith("|")) found.push({ section, cells: cellsOf(line) });
    inTable = line.startsWith("|") && (inTable || line.startsWith("|---"));
  }
  return found;
}

function cellsOf(line: string): readonly string[] {
  return line
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((cell) => cell.trim());
}

/** `` `file`: "title" `` or `` `file` ``, apart by semicolons. */
function proofsIn(cell: string): readonly Proof[] {
  const named = cell.matchAll(/`((?:src|test)\/[\w./-]+\.test\.ts)`(?:: `?"([^"]+)"`?)?/g);
  return [...named].map(([, file = "", title]) => ({ file, title }));
}

function isHeldBy({ file, title }: Proof): boolean {
  const path = join(root, file);
  if (!existsSync(path)) return false;
  if (title === undefined) return true;
  const escaped = title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`\\(\\s*(["\`])${escaped}\\1,`).test(readFileSync(path, "utf8"));
}
