/** The event by which a server tells that a variable has changed. */
export const STATE_EVENT = "$state";

/** What has changed; a variable without a value has been deleted. */
export interface StateChange {
  readonly name: string;
  readonly value?: unknown;
  /** Grows with each change of the variable. Absent on wires that do not carry it. */
  readonly version?: number;
}

/** What an event says, or `undefined` if it says nothing that could be understood. */
export function readChange(data: unknown): StateChange | undefined {
  if (typeof data !== "object" || data === null || !("name" in data)) return undefined;
  const { name } = data;
  if (typeof name !== "string") return undefined;
  const version = "version" in data && typeof data.version === "number" ? data.version : undefined;
  return {
    name,
    ...("value" in data && data.value !== undefined && { value: data.value }),
    ...(version !== undefined && { version }),
  };
}
