/** One package in `package-lock.json`. */
interface LockedPackage {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** What of `package-lock.json` matters here: packages by their place. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** A sentence for each package that would keep `npm ci` from working on another machine. */
export function lockViolations({ packages }: Lock): readonly string[] {
  return Object.entries(packages).flatMap(([place, entry]) => [
    ...registryOf(place, entry),
    ...Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !isLocked(packages, place, name))
      .map((name) => `${place} wants ${name}, which is not locked: run scripts/complete-lock.js`),
  ]);
}

function registryOf(place: string, { resolved }: LockedPackage): readonly string[] {
  if (resolved === undefined || resolved.startsWith("https://registry.npmjs.org/")) return [];
  return [`${place} is locked to ${resolved}: lock files name no registry but the public one`];
}

function isLocked(packages: Lock["packages"], place: string, name: string): boolean {
  return `${place}/node_modules/${name}` in packages || `node_modules/${name}` in packages;
}
