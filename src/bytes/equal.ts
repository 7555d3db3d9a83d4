/**
 * Whether two byte strings are the same, in a time that depends on their lengths alone. The only
 * comparison that may touch a secret: tags, proofs, tokens, keys.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  // Every byte is read whatever the earlier ones were: an early exit would tell how many fit.
  for (let at = 0; at < a.length; at++) difference |= (a[at] ?? 0) ^ (b[at] ?? 0);
  return difference === 0;
}
