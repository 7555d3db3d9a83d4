import type { FolderRule, NodeUse } from "./table.ts";

/** What a row of the document and a row of the test must have in common. */
export interface Row {
  readonly folder: string;
  readonly mayImport: readonly string[];
  readonly node: NodeUse;
}

/** The rows of the import table in `docs/architecture.md`, one for each folder they name. */
export function readDocument(markdown: string): readonly Row[] {
  const [, section = ""] = markdown.split("## 5. Who may import whom");
  const [table = ""] = section.split("\n## ");
  const rows: Row[] = [];
  for (const line of table.split("\n").filter((line) => line.startsWith("| `"))) {
    const [, folders = "", imports = "", , node = ""] = line.split("|").map((cell) => cell.trim());
    const mayImport = readImports(imports, rows);
    rows.push(...names(folders).map((folder) => ({ folder, mayImport, node: readNode(node) })));
  }
  return rows;
}

/** The same of the table that the test holds. */
export function rowsOf(table: readonly FolderRule[]): readonly Row[] {
  return table.map(({ folder, mayImport, node }) => ({
    folder,
    mayImport: [...mayImport].sort(),
    node,
  }));
}

/** What stands behind a semicolon or in brackets explains and does not count. */
function readImports(cell: string, above: readonly Row[]): readonly string[] {
  if (cell === "all of the above") return tops(above);
  const given = names(cell.replace(/;.*|\(.*?\)/g, ""));
  const family = above.find(({ folder }) => folder === "transports/*");
  return [...(cell.startsWith("also ") ? (family?.mayImport ?? []) : []), ...given].sort();
}

function readNode(cell: string): NodeUse {
  if (cell === "no") return "never";
  if (cell.startsWith("only")) return "node-files";
  return cell.includes("but not") ? "but-browser-files" : "everywhere";
}

function names(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name.replace(/\/x$/, "/*"));
}

function tops(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.map(({ folder }) => folder.split("/")[0] ?? ""))].sort();
}
