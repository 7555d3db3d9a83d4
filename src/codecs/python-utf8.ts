import { SealwireError } from "../core/model/errors.ts";

/**
 * What Python says of bytes that are not UTF-8: where the first fault stands, how far it reaches
 * and of what kind it is (`Objects/stringlib/codecs.h` of CPython 3.11, learned by trying).
 */
export function notPythonUtf8(bytes: Uint8Array): SealwireError {
  const { at, length, reason } = firstFault(bytes);
  const where =
    length === 1
      ? `byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, "0")} in position ${at}`
      : `bytes in position ${at}-${at + length - 1}`;
  return new SealwireError("PROTOCOL_VIOLATION", `'utf-8' codec can't decode ${where}: ${reason}`, {
    details: { python: "UnicodeDecodeError" },
  });
}

interface Fault {
  readonly at: number;
  /** Bytes that belong to the fault. */
  readonly length: number;
  readonly reason: string;
}

function firstFault(bytes: Uint8Array): Fault {
  let at = 0;
  for (;;) {
    const lead = bytes[at] ?? 0;
    const wanted = lengthOf(lead);
    if (wanted === 0) return { at, length: 1, reason: "invalid start byte" };
    const good = goodBytes(bytes, at, wanted);
    if (good < wanted) {
      const left = bytes.length - at;
      const ended = good === left;
      const reason = ended ? "unexpected end of data" : "invalid continuation byte";
      return { at, length: good, reason };
    }
    at += wanted;
  }
}

/** How many bytes the lead byte announces, itself among them; 0 for a byte that leads nothing. */
function lengthOf(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

function goodBytes(bytes: Uint8Array, at: number, wanted: number): number {
  let good = 1;
  while (good < wanted && continues(bytes, at, good)) good += 1;
  return good;
}

/** RFC 3629, section 4: some lead bytes narrow what may come second. */
function continues(bytes: Uint8Array, at: number, nth: number): boolean {
  const byte = bytes[at + nth] ?? 0;
  if ((byte & 0xc0) !== 0x80) return false;
  if (nth > 1) return true;
  const lead = bytes[at];
  if (lead === 0xe0) return byte >= 0xa0;
  if (lead === 0xed) return byte < 0xa0;
  if (lead === 0xf0) return byte >= 0x90;
  return lead !== 0xf4 || byte < 0x90;
}
