import { createRequire } from "node:module";

/** `sodium-native`, if it loads on this machine and has all of these functions. */
export function requireSodium<Part extends object>(
  used: readonly (keyof Part)[],
): Part | undefined {
  try {
    const loaded: unknown = createRequire(import.meta.url)("sodium-native");
    return has<Part>(loaded, used) ? loaded : undefined;
  } catch {
    return undefined;
  }
}

function has<Part extends object>(loaded: unknown, used: readonly (keyof Part)[]): loaded is Part {
  if (typeof loaded !== "object" || loaded === null) return false;
  const functions = new Map<PropertyKey, unknown>(Object.entries(loaded));
  return used.every((name) => typeof functions.get(name) === "function");
}
