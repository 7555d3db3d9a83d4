/** What a packet of a running session says; several may be set. */
export const ACK = 0x01;
/** Acknowledge now. */
export const PSH = 0x02;
/** The last packet of a message. */
export const EOF = 0x04;
/** Please repeat the packet of this number. */
export const RTM = 0x10;
/** The peer closes. */
export const FIN = 0x40;

/** One packet inside its box; all numbers little endian. */
export interface Packet {
  readonly control: number;
  /** Of data its number, of `ACK` the highest number received without a gap. */
  readonly sequence: number;
  /** How often it was repeated. */
  readonly retry: number;
  /** The sender's clock in seconds since 1970. */
  readonly time: number;
  readonly data: Uint8Array;
}

/** Bytes before the data. */
export const PACKET_HEAD_BYTES = 14;

export function formatPacket(packet: Packet): Uint8Array {
  const bytes = new Uint8Array(PACKET_HEAD_BYTES + packet.data.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = packet.control;
  view.setUint32(1, packet.sequence, true);
  bytes[5] = packet.retry;
  view.setFloat64(6, packet.time, true);
  bytes.set(packet.data, PACKET_HEAD_BYTES);
  return bytes;
}

/** `undefined` for what is too short to be one or has no time. */
export function parsePacket(bytes: Uint8Array): Packet | undefined {
  if (bytes.length < PACKET_HEAD_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const time = view.getFloat64(6, true);
  if (!Number.isFinite(time)) return undefined;
  const [control = 0, , , , , retry = 0] = bytes;
  const data = bytes.subarray(PACKET_HEAD_BYTES);
  return { control, sequence: view.getUint32(1, true), retry, time, data };
}
