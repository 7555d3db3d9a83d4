/**
 * Whether the bytes are UTF-8 (RFC 3629): no stray or missing continuation, no overlong form,
 * nothing above U+10FFFF. Surrogates pass, other than in the RFC: JavaScript strings cut in the
 * middle of a pair hold them, and a cut string should not cost the sender its connection.
 */
export function wellFormedText(bytes: Uint8Array, start: number, end: number): boolean {
  let i = start;
  while (i < end) {
    const lead = bytes[i++] ?? 0;
    if (lead < 0x80) continue;
    const more = continuations(lead);
    if (more === 0 || i + more > end) return false;
    if (!secondFits(lead, bytes[i] ?? 0)) return false;
    for (const last = i + more; i < last; i++) {
      if (((bytes[i] ?? 0) & 0xc0) !== 0x80) return false;
    }
  }
  return true;
}

function continuations(lead: number): number {
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 1;
  if (lead < 0xf0) return 2;
  return lead < 0xf5 ? 3 : 0;
}

/** Overlong forms and numbers that are too high show in the second byte (RFC 3629, section 4). */
function secondFits(lead: number, second: number): boolean {
  if (lead === 0xe0) return second >= 0xa0;
  if (lead === 0xf0) return second >= 0x90;
  if (lead === 0xf4) return second < 0x90;
  return true;
}
