import { posix } from "node:path";
import { type Reference, readNodeGlobals, readReferences } from "./references.ts";
import { type FolderRule, IMPORT_TABLE } from "./table.ts";

/** A source file below `src`, with its path from there. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What `package.json` says, as far as imports depend on it. */
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** A sentence for everything in the files that the import table does not allow. */
export function importViolations(
  files: readonly SourceFile[],
  manifest: Manifest,
): readonly string[] {
  return files.filter(({ path }) => !isTest(path)).flatMap((file) => ofFile(file, manifest));
}

/** The packages that a file names, without their inner paths. */
export function packagesOf(file: SourceFile): readonly string[] {
  const named = readReferences(file.text).flatMap(({ specifier }) => specifier ?? []);
  return [...new Set(named.filter(isPackage).map(packageName))];
}

/** Whether the file is a test: tests may join what they need. */
export function isTest(path: string): boolean {
  return /\.test(-d)?\.ts$/.test(path);
}

/** The folder of the table that a path below `src` lives in: `dialects/native`, `crypto`. */
export function unitOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  const family = IMPORT_TABLE.some(({ folder }) => folder.startsWith(`${first}/`));
  return family && second !== "" && !second.endsWith(".ts") ? `${first}/${second}` : first;
}

function ofFile(file: SourceFile, manifest: Manifest): readonly string[] {
  const rule = ruleFor(unitOf(file.path));
  if (rule === undefined || !file.path.includes("/")) {
    return [`${file.path} stands in no folder of the import table: add a row or move it`];
  }
  const sentences = readReferences(file.text).flatMap((reference) =>
    judge(file, rule, reference, manifest),
  );
  const globals = nodeAllowed(rule, file.path) ? [] : readNodeGlobals(file.text);
  return [
    ...sentences,
    ...globals.map((name) => `${file.path} uses ${name} of Node: ${whereNode(rule)}`),
  ];
}

function judge(
  file: SourceFile,
  rule: FolderRule,
  { specifier }: Reference,
  manifest: Manifest,
): readonly string[] {
  const says = `${file.path} imports ${specifier}`;
  if (specifier === undefined) {
    if (rule.loadsModules) return [];
    return [`${file.path} imports a computed name: write it as a string, so that it can be read`];
  }
  if (specifier.startsWith(".")) return judgeFile(file, rule, specifier);
  if (specifier.startsWith("node:")) {
    return nodeAllowed(rule, file.path) ? [] : [`${says}: ${whereNode(rule)}`];
  }
  return judgePackage(says, rule, packageName(specifier), manifest);
}

function judgeFile({ path }: SourceFile, rule: FolderRule, specifier: string): readonly string[] {
  const target = posix.join(posix.dirname(path), specifier);
  if (target.startsWith("..")) return [`${path} imports ${specifier}, which is outside src`];
  if (!target.endsWith(".ts")) return [`${path} imports ${specifier}: write the name with .ts`];
  if (target === "core/index.ts") {
    return [`${path} imports core/index.ts: inside the project, import the file that defines it`];
  }
  const unit = unitOf(target);
  if (unit === unitOf(path) || rule.mayImport.some((allowed) => covers(allowed, unit))) return [];
  return [`${path} imports ${unit}: ${nameOf(rule)} may import ${list(rule.mayImport)}`];
}

function judgePackage(
  says: string,
  rule: FolderRule,
  name: string,
  manifest: Manifest,
): readonly string[] {
  const peer = manifest.peerDependenciesMeta?.[name]?.optional === true;
  if (manifest.dependencies?.[name] === undefined && !peer) {
    return [`${says}: package.json declares it neither as dependency nor as optional peer`];
  }
  const allowed = rule.packages ?? [];
  if (allowed.some((pattern) => covers(pattern, name)) || (rule.ownPeer && peer)) return [];
  return [`${says}: ${nameOf(rule)} may import ${rule.ownPeer ? "one optional peer" : packages()}`];

  function packages(): string {
    return allowed.length === 0 ? "no package" : `the packages ${list(allowed)}`;
  }
}

function ruleFor(unit: string): FolderRule | undefined {
  const exact = IMPORT_TABLE.find(({ folder }) => folder === unit);
  return exact ?? IMPORT_TABLE.find(({ folder }) => folder.includes("*") && covers(folder, unit));
}

/** Whether a pattern (`core`, `dialects/raw`, `dialects/*`, any `memory`) means this folder or name. */
function covers(pattern: string, name: string): boolean {
  const wanted = pattern.split("/");
  const given = name.split("/");
  return wanted.every((part, at) => (part === "*" ? given[at] !== undefined : part === given[at]));
}

function nodeAllowed(rule: FolderRule, path: string): boolean {
  const file = posix.basename(path);
  if (rule.node === "node-files") return file === "node.ts" || file.endsWith(".node.ts");
  if (rule.node !== "but-browser-files") return rule.node === "everywhere";
  return !file.endsWith(".browser.ts") && !(rule.browserFiles ?? []).includes(file);
}

function whereNode(rule: FolderRule): string {
  const where = {
    never: "may not use Node",
    everywhere: "may use Node",
    "node-files": "may use Node only in *.node.ts",
    "but-browser-files": `may use Node but not in ${list(["*.browser.ts", ...(rule.browserFiles ?? [])])}`,
  };
  return `${nameOf(rule)} ${where[rule.node]}`;
}

function isPackage(specifier: string): boolean {
  return !specifier.startsWith(".") && !specifier.startsWith("node:");
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function nameOf(rule: FolderRule): string {
  return rule.called ?? rule.folder;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.join(", ");
}
