import type { Peer } from "../../core/model/peer.ts";
import type { RoomItem } from "./room-item.ts";
import { isFor, type RoomLog } from "./room-log.ts";

/** What a delivery needs of its room. */
export interface DeliveryOwner {
  readonly log: RoomLog<RoomItem>;
  /** Whether the member still may have it; the owner ends it when not. */
  mayGoOn(): boolean;
  /** All that is here, for one who has missed something. */
  snapshot(): RoomItem;
  /** `undefined`: its wire has room for more. Otherwise resolves when it has. */
  emit(peer: Peer, item: RoomItem): Promise<unknown> | undefined;
}

/** Brings what happens in a room to one member, as fast as its wire takes it. */
export class Delivery {
  readonly peer: Peer;
  readonly #member: string;
  readonly #owner: DeliveryOwner;
  #sent: number;
  #running = false;
  #stopped = false;

  /** Begins behind the number `sent`. */
  constructor(peer: Peer, member: string, sent: number, owner: DeliveryOwner) {
    this.peer = peer;
    this.#member = member;
    this.#sent = sent;
    this.#owner = owner;
  }

  /** There may be something new. */
  wake(): void {
    if (!this.#running) void this.#run();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      for (let item = this.#next(); item !== undefined; item = this.#next()) {
        const room = this.#owner.emit(this.peer, item);
        // Items that wait for nothing leave together, in one record.
        if (room) await room;
      }
    } catch {
      // The peer has gone: its room hears of that by its disconnection.
      this.#stopped = true;
    }
    this.#running = false;
  }

  #next(): RoomItem | undefined {
    const { log } = this.#owner;
    while (!this.#stopped && this.#sent < log.last) {
      if (!this.#owner.mayGoOn()) return undefined;
      if (!log.reaches(this.#sent)) {
        this.#sent = log.last;
        return this.#owner.snapshot();
      }
      const entry = log.after(this.#sent);
      this.#sent += 1;
      if (entry && isFor(entry.audience, this.#member)) return entry.item;
    }
    return undefined;
  }
}
