/** Whether something received is an object with named fields. */

/** Something received that should be text. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
