import { readFileSync } from "node:fs";

/** A file of vectors by its path below `test/vectors`; its shape is what its test says. */
export function readVectors<Shape>(path: string): Shape {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
}
