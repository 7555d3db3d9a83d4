import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Manifest, SourceFile } from "./imports.ts";
import { isTest, packagesOf, unitOf } from "./imports.ts";

/** What `package.json` says, as far as the house depends on it. */
export interface PackageJson extends Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
}

/** A file may be this long, unless it is named in the list of exceptions. */
export const MAX_LINES = 250;

/** All TypeScript files below a folder, with their paths from there. */
export function readSources(folder: string): readonly SourceFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.includes("node_modules"))
    .sort()
    .map((path) => ({
      path: path.split("\\").join("/"),
      text: readFileSync(join(folder, path), "utf8"),
    }));
}

/** The folders directly below a folder. */
export function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory());
}

/** A sentence for each file that is too long, and for each exception that is no longer one. */
export function lengthViolations(
  files: readonly SourceFile[],
  exceptions: Readonly<Record<string, string>>,
): readonly string[] {
  const long = new Map(files.map(({ path, text }) => [path, text.trimEnd().split("\n").length]));
  const excused = (path: string) => (exceptions[path] ?? "").length > 0;
  return [
    ...[...long]
      .filter(([path, lines]) => lines > MAX_LINES && !excused(path))
      .map(([path, lines]) => `${path} has ${lines} lines, ${MAX_LINES} are allowed: divide it`),
    ...Object.keys(exceptions)
      .filter((path) => (long.get(path) ?? 0) <= MAX_LINES)
      .map((path) => `${path} needs no exception for its length any more: strike it out`),
  ];
}

/** A sentence for each dependency nobody imports and each peer that not exactly one folder does. */
export function dependencyViolations(
  files: readonly SourceFile[],
  manifest: Manifest,
): readonly string[] {
  const users = usersOfPackages(files);
  const optional = Object.keys(manifest.peerDependenciesMeta ?? {});
  return [
    ...Object.keys(manifest.dependencies ?? {})
      .filter((name) => !users.has(name))
      .map((name) => `${name} is a dependency that no file in src imports: remove it`),
    ...optional.flatMap((name) => ofPeer(name, [...(users.get(name) ?? [])])),
    ...Object.keys(manifest.peerDependencies ?? {})
      .filter((name) => !optional.includes(name))
      .map((name) => `${name} is a peer that is not optional: declare it in peerDependenciesMeta`),
    ...optional
      .filter((name) => manifest.peerDependencies?.[name] === undefined)
      .map((name) => `${name} is an optional peer without a version in peerDependencies`),
  ];
}

/** A sentence for each entry of `exports` that leads to no source file. */
export function exportViolations(
  exports: Readonly<Record<string, unknown>>,
  exists: (source: string) => boolean,
  folders: (parent: string) => readonly string[],
): readonly string[] {
  return Object.entries(exports).flatMap(([entry, target]) =>
    targetsOf(target)
      .filter((path) => path !== "./package.json")
      .flatMap((path) => expand(path, folders))
      .filter((path) => !exists(sourceOf(path)))
      .map((path) => `exports["${entry}"] leads to ${path}, but there is no ${sourceOf(path)}`),
  );
}

/** A sentence for each dialect without its page, its vectors or its interop, unless excused. */
export function dialectViolations(
  dialects: readonly string[],
  exists: (path: string) => boolean,
  reasons: Readonly<Record<string, string>>,
): readonly string[] {
  const wanted = dialects.flatMap((name) => [
    `docs/dialects/${name}.md`,
    `test/vectors/${name}`,
    `test/interop/${name}`,
  ]);
  const sentence = (path: string) => `${path} is missing: write it, or give the reason in the test`;
  return wanted.filter((path) => !exists(path) && !reasons[path]).map(sentence);
}

function usersOfPackages(files: readonly SourceFile[]): ReadonlyMap<string, ReadonlySet<string>> {
  const users = new Map<string, Set<string>>();
  for (const file of files.filter(({ path }) => !isTest(path))) {
    for (const name of packagesOf(file)) {
      users.set(name, (users.get(name) ?? new Set()).add(unitOf(file.path)));
    }
  }
  return users;
}

function ofPeer(name: string, folders: readonly string[]): readonly string[] {
  if (folders.length === 1) return [];
  const who = folders.length === 0 ? "no folder imports it" : `${folders.join(" and ")} import it`;
  return [`${name} is an optional peer for exactly one folder, but ${who}`];
}

function targetsOf(target: unknown): readonly string[] {
  if (typeof target === "string") return [target];
  if (typeof target !== "object" || target === null) return [];
  return Object.values(target).flatMap(targetsOf);
}

function expand(path: string, folders: (parent: string) => readonly string[]): readonly string[] {
  const [before, after] = path.split("*");
  if (before === undefined || after === undefined) return [path];
  return folders(sourceOf(before)).map((name) => `${before}${name}${after}`);
}

function sourceOf(path: string): string {
  return path.replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts");
}
