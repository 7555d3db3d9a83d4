/**
 * Text as it may be written to a terminal: control characters, which could move the cursor or
 * hide what stands there, become `\u` escapes. Colours of ours survive.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escapeCharacter);
}

/** The same for text in which not even our colours have a place: what came from elsewhere. */
export function foreign(text: string): string {
  return text.replace(STEERING, escapeCharacter);
}

/** JSON whose characters beyond ASCII cannot steer a terminal either; it stays the same JSON. */
export function printableJson(json: string): string {
  return json.replace(BEYOND_ASCII, escapeCharacter);
}

// C0 without the line feed and DEL, C1, and marks that turn the direction of text (Trojan Source).
// An escape is spared where it begins a colour.
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\x1b(?!\[\d{1,2}m)/g;
const STEERING =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const BEYOND_ASCII = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
