/**
 * The value of FINGERPRINT over all that stands before it (RFC 8489, section 14.7): CRC-32 of ITU
 * V.42, so that it is not mistaken for another protocol's, with a fixed pattern laid over it.
 */
export function fingerprintOf(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffff_ffff ^ 0x5354_554e) >>> 0;
}

const TABLE: Uint32Array = /* @__PURE__ */ Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
  return value;
});
