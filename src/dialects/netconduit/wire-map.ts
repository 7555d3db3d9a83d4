/** A map as it came from the wire, its fields unchecked. */
export type WireMap = Readonly<Record<string, unknown>>;

/** Whether a value is a map, and neither a list nor bytes nor anything with a class. */
export function isMap(value: unknown): value is WireMap {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The text in a field, if there is one that is not empty. */
export function textIn(map: WireMap, field: string): string | undefined {
  const value = map[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Name and version in a map that stands in a field, as both greetings have it. */
export function aboutIn(map: WireMap, field: string): { name?: string; version?: string } {
  const inner = map[field];
  if (!isMap(inner)) return {};
  const [name, version] = [textIn(inner, "name"), textIn(inner, "version")];
  return { ...(name !== undefined && { name }), ...(version !== undefined && { version }) };
}
