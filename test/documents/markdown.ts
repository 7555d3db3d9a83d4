import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** The root of the repository. */
export const root: string = join(import.meta.dirname, "../..");

/** All pages that users read, by their path from the root. */
export function pages(): ReadonlyMap<string, string> {
  const top = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
  const below = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name));
  return new Map([...top, ...below].map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** Links of a page that lead to no file or to no heading. */
export function brokenLinks(path: string, markdown: string): readonly string[] {
  const links = [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(path, link));
}

/** The second cell of a table's row, by its first: `| \`name\` | \`default\` | …`. */
export function defaultsIn(markdown: string): ReadonlyMap<string, string> {
  const rows = [...markdown.matchAll(/^\| `(\w+)` \| `?([^|`]*?)`? \|/gm)];
  return new Map(rows.map(([, name = "", value = ""]) => [name, value]));
}

/** The `ts` blocks of a page, in order; blocks marked `ts fragment` are only shown. */
export function programOf(markdown: string): string {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = ""]) => code).join("\n");
}

function leadsSomewhere(from: string, link: string): boolean {
  const [file = "", heading] = link.split("#");
  const target = file === "" ? join(root, from) : join(root, dirname(from), file);
  if (relative(root, target).startsWith("..") || !existsSync(target)) return false;
  return heading === undefined || headingsOf(readFileSync(target, "utf8")).includes(heading);
}

function headingsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, text = ""]) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
