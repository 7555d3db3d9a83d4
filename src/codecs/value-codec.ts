/** Values ⇄ bytes. What it refuses to encode, it never sends; what it decodes, has been checked. */
export interface ValueCodec {
  /**
   * The bytes are the caller's to keep.
   *
   * @throws `INVALID_ARGUMENT` for a value that cannot travel, `TOO_LARGE` beyond a limit.
   */
  encode(value: unknown): Uint8Array;
  /**
   * The value may hold views of `bytes`, which must therefore not change afterwards.
   *
   * @throws `PROTOCOL_VIOLATION` for malformed bytes, `TOO_LARGE` beyond a limit.
   */
  decode(bytes: Uint8Array): unknown;
}
