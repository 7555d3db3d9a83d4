/** What a message `stream_data` carries, in either direction. */
export interface StreamData {
  readonly stream: string;
  readonly data: unknown;
  /** Seconds since the epoch, as Python writes them. */
  readonly timestamp: number;
}

/** An item in the form of the wire. */
export function streamData(stream: string, data: unknown, nowMs: number): StreamData {
  return { stream, data, timestamp: nowMs / 1000 };
}

/** What came as `stream_data` or `stream_closed`; `undefined` for what is neither. */
export function readStreamData(
  value: unknown,
): { readonly stream: string; readonly data: unknown } | undefined {
  if (typeof value !== "object" || value === null || !("stream" in value)) return undefined;
  const { stream } = value;
  if (typeof stream !== "string") return undefined;
  return { stream, data: "data" in value ? value.data : undefined };
}
