/**
 * The yardstick: a 4-byte length before each message, msgpackr inside, on any stream socket.
 * `gather` joins what is written within one tick into one system call.
 */
import { Packr } from "msgpackr";

const JOIN_BELOW_BYTES = 16 * 1024;
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

export class FramedSocket {
  #packr = new Packr({ useRecords: false });
  #gather;
  #corked = false;
  #parts = [];
  #have = 0;
  #need = 4;

  constructor(socket, gather, receive) {
    this.socket = socket;
    this.#gather = gather;
    socket.on("data", (chunk) => this.#push(chunk, receive));
  }

  /** Whether there is room for more. */
  send(message) {
    const body = this.#packr.pack(message);
    if (this.#gather) this.#corkThisTick();
    if (body.length < JOIN_BELOW_BYTES) {
      const frame = Buffer.allocUnsafe(4 + body.length);
      frame.writeUInt32BE(body.length, 0);
      body.copy(frame, 4);
      return this.socket.write(frame);
    }
    const head = Buffer.allocUnsafe(4);
    head.writeUInt32BE(body.length, 0);
    this.socket.cork();
    this.socket.write(head);
    const room = this.socket.write(body);
    this.socket.uncork();
    return room;
  }

  #corkThisTick() {
    if (this.#corked) return;
    this.#corked = true;
    this.socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.socket.uncork();
    });
  }

  /** Chunks are joined only once a whole frame is there, so large frames are copied once. */
  #push(chunk, receive) {
    this.#parts.push(chunk);
    this.#have += chunk.length;
    if (this.#have < this.#need) return;
    let bytes = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts, this.#have);
    this.#need = 4;
    while (bytes.length >= 4) {
      const length = bytes.readUInt32BE(0);
      if (length > MAX_FRAME_BYTES) throw new Error(`a frame of ${length} bytes`);
      this.#need = 4 + length;
      if (bytes.length < this.#need) break;
      receive(this.#packr.unpack(bytes.subarray(4, this.#need)));
      bytes = bytes.subarray(this.#need);
      this.#need = 4;
    }
    this.#parts = bytes.length === 0 ? [] : [bytes];
    this.#have = bytes.length;
  }
}
