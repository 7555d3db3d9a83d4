import type { ClientFeature, ClientHost } from "../../core/contracts/feature.ts";
import { type Logger, SILENT } from "../../core/contracts/logger.ts";
import { ClientRoom } from "./client-room.ts";
import { checkName } from "./names.ts";
import { readItem } from "./read-item.ts";
import { ROOM_EVENT } from "./room-item.ts";

/** What a client says of rooms. */
export interface RoomClientOptions {
  /** Where it is told that a receiver failed. @default silence */
  readonly logger?: Logger;
}

/**
 * The rooms of a server that installs `rooms`.
 *
 * @example
 * const lobby = client.install(roomClient()).room("lobby");
 * lobby.on("said", (text, from) => console.log(from?.user, text));
 * await lobby.join({ nickname: "Ann" });
 * await lobby.emit("said", "good morning");
 */
export function roomClient(options: RoomClientOptions = {}): ClientFeature<RoomClient> {
  return (host) => new RoomClient(host, options.logger ?? SILENT);
}

/** The rooms of a server, seen from a client. */
export class RoomClient {
  readonly #host: ClientHost;
  readonly #logger: Logger;
  readonly #rooms = new Map<string, ClientRoom>();
  #broken = false;

  /** Use `client.install(roomClient())`, once for each client. */
  constructor(host: ClientHost, logger: Logger) {
    this.#host = host;
    this.#logger = logger;
    host.onEvent(ROOM_EVENT, (data) => {
      const item = readItem(data);
      if (item) this.#rooms.get(item.room)?.take(item);
    });
    host.onState((state) => {
      const rooms = [...this.#rooms.values()];
      if (state === "broken" && !this.#broken) for (const room of rooms) room.broke();
      if (state === "open") for (const room of rooms) void room.comeBack();
      if (state === "closed") for (const room of rooms) room.end("the client has been closed");
      this.#broken = state === "broken";
    });
  }

  /** One room, always the same for the same name; `join` enters it. @throws `INVALID_ARGUMENT` */
  room(name: string): ClientRoom {
    checkName("a room", name);
    const room = this.#rooms.get(name) ?? new ClientRoom(name, this.#host, this.#logger);
    this.#rooms.set(name, room);
    return room;
  }
}
