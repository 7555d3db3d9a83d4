const WORDS: ReadonlySet<unknown> = new Set(["ping", "pong", "heartbeat", "keepalive"]);

/** Whether the `type` of a frame is one of the words that clients send to stay connected. */
export function isHeartbeatType(type: unknown): boolean {
  return typeof type === "string" && WORDS.has(type.toLowerCase());
}

/** Whether a text that is no JSON is such a word by itself. */
export function isHeartbeatText(text: string): boolean {
  return text.length <= 64 && WORDS.has(text.trim().toLowerCase());
}
