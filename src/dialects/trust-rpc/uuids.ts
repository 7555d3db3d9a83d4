import { encodeHex } from "../../bytes/text.ts";
import { randomBytes } from "../../crypto/random.ts";

const UUID_BYTES = 16;
/** Asking the platform for each by itself costs more than all the rest of a small call. */
const DRAWN_AT_ONCE = 64;

/** Random UUIDs (RFC 9562, version 4), by which the original client names its calls. */
export class Uuids {
  #drawn: Uint8Array = new Uint8Array();

  next(): string {
    if (this.#drawn.length === 0) this.#drawn = randomBytes(DRAWN_AT_ONCE * UUID_BYTES);
    const bytes = this.#drawn.subarray(0, UUID_BYTES);
    this.#drawn = this.#drawn.subarray(UUID_BYTES);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = encodeHex(bytes);
    const [low, mid, high] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16)];
    return `${low}-${mid}-${high}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
}
