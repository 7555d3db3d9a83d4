/** A value with named fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether something from outside has named fields: an object that is no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The own fields of something from outside; none where it has none. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? { ...value } : {};
}
