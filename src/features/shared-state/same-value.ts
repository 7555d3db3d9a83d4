/** Whether two values say the same, as deep as they go. */
export function sameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  if (one instanceof Date && other instanceof Date) return one.getTime() === other.getTime();
  if (one instanceof Map && other instanceof Map) return sameValue([...one], [...other]);
  if (one instanceof Set && other instanceof Set) return sameValue([...one], [...other]);
  if (Array.isArray(one) && Array.isArray(other) && one.length !== other.length) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  const [left, right]: readonly Fields[] = [{ ...one }, { ...other }];
  return keys.every((key) => Object.hasOwn(other, key) && sameValue(left?.[key], right?.[key]));
}

type Fields = Readonly<Partial<Record<string, unknown>>>;
