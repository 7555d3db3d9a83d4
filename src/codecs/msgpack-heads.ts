/** What a msgpack head byte announces (the format overview of the msgpack specification). */
export const KINDS = {
  INVALID: 0,
  SCALAR: 1,
  STRING: 2,
  BINARY: 3,
  ARRAY: 4,
  MAP: 5,
  EXTENSION: 6,
  INT64: 7,
} as const;

const { SCALAR, STRING, BINARY, ARRAY, MAP, EXTENSION, INT64 } = KINDS;

type Row = readonly [head: number, kind: number, lengthBytes: number, size: number];

const ROWS: readonly Row[] = [
  [0xc0, SCALAR, 0, 0],
  [0xc2, SCALAR, 0, 0],
  [0xc3, SCALAR, 0, 0],
  [0xc4, BINARY, 1, 0],
  [0xc5, BINARY, 2, 0],
  [0xc6, BINARY, 4, 0],
  [0xc7, EXTENSION, 1, 0],
  [0xc8, EXTENSION, 2, 0],
  [0xc9, EXTENSION, 4, 0],
  [0xca, SCALAR, 0, 4],
  [0xcb, SCALAR, 0, 8],
  [0xcc, SCALAR, 0, 1],
  [0xcd, SCALAR, 0, 2],
  [0xce, SCALAR, 0, 4],
  [0xcf, INT64, 0, 8],
  [0xd0, SCALAR, 0, 1],
  [0xd1, SCALAR, 0, 2],
  [0xd2, SCALAR, 0, 4],
  [0xd3, INT64, 0, 8],
  [0xd4, EXTENSION, 0, 1],
  [0xd5, EXTENSION, 0, 2],
  [0xd6, EXTENSION, 0, 4],
  [0xd7, EXTENSION, 0, 8],
  [0xd8, EXTENSION, 0, 16],
  [0xd9, STRING, 1, 0],
  [0xda, STRING, 2, 0],
  [0xdb, STRING, 4, 0],
  [0xdc, ARRAY, 2, 0],
  [0xdd, ARRAY, 4, 0],
  [0xde, MAP, 2, 0],
  [0xdf, MAP, 4, 0],
];

const TABLE: readonly Row[] = [...ROWS, ...heads()];

/** The kind of each head byte; what no row names is invalid. */
export const KIND: Readonly<Uint8Array> = column((row) => row[1]);
/** Bytes of the length that follows each head byte; 0 where the head itself tells the size. */
export const LENGTH_BYTES: Readonly<Uint8Array> = column((row) => row[2]);
/** Bytes, or values of a container, for heads that tell it themselves. */
export const SIZE: Readonly<Uint8Array> = column((row) => row[3]);

/** The heads that carry a small number or size in themselves. */
function heads(): readonly Row[] {
  const rows: Row[] = [];
  for (let head = 0; head < 0x80; head++) rows.push([head, SCALAR, 0, 0]);
  for (let size = 0; size < 16; size++) rows.push([0x80 + size, MAP, 0, size]);
  for (let size = 0; size < 16; size++) rows.push([0x90 + size, ARRAY, 0, size]);
  for (let size = 0; size < 32; size++) rows.push([0xa0 + size, STRING, 0, size]);
  for (let head = 0xe0; head < 0x100; head++) rows.push([head, SCALAR, 0, 0]);
  return rows;
}

function column(pick: (row: Row) => number): Uint8Array {
  const bytes = new Uint8Array(256);
  for (const row of TABLE) bytes[row[0]] = pick(row);
  return bytes;
}
