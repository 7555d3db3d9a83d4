import { encodeUtf8 } from "../../bytes/text.ts";
import { SealwireError } from "../../core/model/errors.ts";

/**
 * The name, if a file may have it: one plain name that means the same on every system. No folders,
 * nothing hidden, nothing that leads elsewhere.
 *
 * @throws `INVALID_ARGUMENT` saying what is wrong with it
 */
export function checkedFileName(name: string): string {
  const wrong = faultOf(name);
  if (wrong === undefined) return name;
  throw new SealwireError(
    "INVALID_ARGUMENT",
    `Invalid filename: it ${wrong}; a plain name such as report.pdf is wanted`,
  );
}

/** Whether a file may have this name. */
export function fitsAsFileName(name: string): boolean {
  return faultOf(name) === undefined;
}

/** The names to try for a file, the given one first, then `<name>_<unix seconds>.<extension>`. */
export function* namesFor(name: string, nowMs: number): Generator<string, undefined> {
  yield name;
  const dot = name.lastIndexOf(".");
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  const seconds = Math.floor(nowMs / 1000);
  yield `${stem}_${seconds}${extension}`;
  for (let again = 2; again <= MAX_TRIES; again++) yield `${stem}_${seconds}_${again}${extension}`;
  return undefined;
}

/** What is told when none of the names was free. */
export function noNameLeft(name: string): SealwireError {
  return new SealwireError("ALREADY_EXISTS", `every name for ${name} is taken; try again later`);
}

/** So many files of one name within one second. */
const MAX_TRIES = 1_000;
/** Most file systems take 255; what is added to a name that is taken must still fit. */
const MAX_NAME_BYTES = 200;
/** Of Windows: names of devices, with any extension, and with blanks before it. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\.|$)/i;
/** What a name must not hide: letters that turn the order, that take no room, that break lines. */
const UNSEEN = /[\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}|^[\u200c\u200d]/u;

function faultOf(name: string): string | undefined {
  if (name === "") return "is empty";
  if (encodeUtf8(name).length > MAX_NAME_BYTES) return `has more than ${MAX_NAME_BYTES} bytes`;
  if (/[\p{Cc}\p{Cs}]/u.test(name)) return "has characters that cannot be written";
  if (UNSEEN.test(name)) return "has characters that cannot be seen";
  if (/[/\\:]/.test(name)) return "names a folder or a drive";
  if (name.startsWith(".")) return "begins with a dot";
  if (/[. ]$/.test(name)) return "ends with a dot or a blank";
  if (DEVICE.test(name)) return "is the name of a device";
  return undefined;
}
