/** Base64 with its padding as bytes; `undefined` for anything else, blanks included. */
export function decodeBase64(text: string): Uint8Array | undefined {
  return text.length % 4 === 0 ? decode(text.replace(/={1,2}$/, "")) : undefined;
}

/** Base64url without padding as bytes; `undefined` for anything else. */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  if (/[+/]/.test(text)) return undefined;
  return decode(text.replaceAll("-", "+").replaceAll("_", "/"));
}

function decode(text: string): Uint8Array | undefined {
  if (/[^A-Za-z0-9+/]/.test(text) || text.length % 4 === 1) return undefined;
  const letters = atob(text);
  // Left-over bits that are not zero are a second spelling of the same bytes.
  if (btoa(letters).replace(/=+$/, "") !== text) return undefined;
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}
