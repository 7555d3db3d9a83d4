/** What becomes of that which only msgpack of other programs has; without it, it is refused. */
export interface ForeignValues {
  /** Of any type. */
  extension(type: number, data: Uint8Array): unknown;
  /** In two halves of 32 bits; the upper one has the sign. */
  integer(high: number, low: number): unknown;
  /** A map key in bytes. @throws `PROTOCOL_VIOLATION` when it is to be refused */
  key(bytes: Uint8Array): string;
}
