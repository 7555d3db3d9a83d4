/** The fields of a frame that is a JSON object. */
export type FrameFields = Readonly<Record<string, unknown>>;

/** A frame as JSON; `undefined` when it is none. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Whether a received value is an object with fields. */
export function isFields(value: unknown): value is FrameFields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
