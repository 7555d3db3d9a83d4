/** Makes messages smaller, and larger again within a bound. */
export interface Compression {
  readonly name: "deflate-raw";
  compress(bytes: Uint8Array): Uint8Array;
  /**
   * @throws `TOO_LARGE` as soon as more than `maxBytes` come out (the work stops there),
   * `PROTOCOL_VIOLATION` when the bytes are cut short or were never compressed.
   */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array;
}
