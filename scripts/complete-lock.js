/**
 * Adds to `package-lock.json` the packages of other platforms that npm left out.
 *
 * npm writes only what its registry offers. Where that is a mirror without the packages of foreign
 * platforms, the lock file lacks them, and `npm ci` refuses it everywhere. Run this after every
 * change of dependencies; where nothing is missing it changes nothing.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../package-lock.json", import.meta.url));
const lock = JSON.parse(readFileSync(file, "utf8"));

/** The words in package names that say what a package is for, as npm calls them. */
const SYSTEMS = /\b(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)\b/;
const PROCESSORS = /\b(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64)\b/;

const added = Object.entries(lock.packages).flatMap(([place, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => place !== "" && !isLocked(place, name))
    .map(([name, version]) => [`node_modules/${name}`, foreign(name, version, entry.dev)]),
);
const packages = { ...lock.packages, ...Object.fromEntries(added) };
const sorted = Object.fromEntries(
  Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en")),
);
writeFileSync(file, `${JSON.stringify({ ...lock, packages: sorted }, undefined, 2)}\n`);
console.log(added.length === 0 ? "the lock file is complete" : `added ${added.length} packages`);

/** @param {string} place @param {string} name */
function isLocked(place, name) {
  return (
    `${place}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages
  );
}

/** @param {string} name @param {string} version @param {boolean | undefined} dev */
function foreign(name, version, dev) {
  if (!/^\d/.test(version)) throw new Error(`${name}@${version}: an exact version was expected`);
  const words = name.split("/").at(-1) ?? name;
  const system = SYSTEMS.exec(words)?.[1];
  const processor = PROCESSORS.exec(words)?.[1];
  if (system === undefined)
    throw new Error(`${name}: its name does not say which system it is for`);
  return {
    version,
    ...(processor === undefined ? {} : { cpu: [processor] }),
    ...(dev ? { dev } : {}),
    ...(words.includes("musl") ? { libc: ["musl"] } : {}),
    optional: true,
    os: [system],
  };
}
