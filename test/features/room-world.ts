import type { Client } from "../../src/client/client.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import type { Evidence } from "../../src/core/model/credentials.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import type { Principal } from "../../src/core/model/peer.ts";
import { webCrypto } from "../../src/crypto/providers/web.ts";
import { native } from "../../src/dialects/native/index.ts";
import type { ClientRoom } from "../../src/features/rooms/client-room.ts";
import type { RoomsOptions } from "../../src/features/rooms/options.ts";
import { type RoomClient, roomClient } from "../../src/features/rooms/room-client.ts";
import { type Rooms, rooms } from "../../src/features/rooms/rooms.ts";
import { type ServerAndClient, serverAndClient } from "../../src/testing/server-and-client.ts";

/** A server with rooms, and clients that come to it. */
export interface RoomWorld {
  readonly handle: Rooms;
  readonly pair: ServerAndClient;
  /** One more client; `ann a b` is `ann` and has the scopes `a` and `b`. */
  client(as: string, options?: ClientOptions): Promise<RoomGuest>;
  /** One more client that joins a room, and what it hears there. */
  enter(as: string, room?: string, data?: unknown): Promise<Entered>;
}

/** A client and its rooms. */
export interface RoomGuest {
  readonly client: Client;
  readonly rooms: RoomClient;
}

/** A room that somebody has joined, and what it brought, short. */
export interface Entered {
  readonly room: ClientRoom;
  readonly said: readonly unknown[];
  readonly presence: readonly string[];
  readonly status: readonly string[];
}

/** `expiresAt`: until when the proofs of the clients hold. Close its pair. */
export async function roomWorld(
  options: RoomsOptions = {},
  expiresAt?: number,
): Promise<RoomWorld> {
  const installed: Rooms[] = [];
  const pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    server: { authenticator: { authenticate: async (evidence) => shownBy(evidence, expiresAt) } },
    register: (server) => void installed.push(server.install(rooms(options))),
    client: { reconnect: { baseMs: 1, maxMs: 5 } },
  });
  const [handle] = installed;
  if (!handle) throw new Error("nothing was installed");
  const client = async (as: string, own: ClientOptions = {}): Promise<RoomGuest> => {
    const one = await pair.connect({ credentials: { scheme: "token", token: as }, ...own });
    return { client: one, rooms: one.install(roomClient()) };
  };
  const enter = async (as: string, room = "lobby", data?: unknown): Promise<Entered> => {
    const here = (await client(as)).rooms.room(room);
    const heard = listening(here);
    await here.join(data);
    return { room: here, ...heard };
  };
  return { handle, pair, client, enter };
}

/** Breaks the connections of whoever this is; a client comes back by itself. */
export function breakOf({ server }: ServerAndClient, user: string): void {
  for (const connection of server.connections.values()) {
    if (connection.principal?.id !== user) continue;
    void connection.close(new SealwireError("UNAVAILABLE", "cut by the test"));
  }
}

function shownBy(evidence: Evidence, expiresAt: number | undefined): Principal {
  const [id = "", ...scopes] = ("token" in evidence ? evidence.token : "guest").split(" ");
  return { id, scopes: new Set(scopes), ...(expiresAt !== undefined && { expiresAt }) };
}

function listening(room: ClientRoom): Omit<Entered, "room"> {
  const said: unknown[] = [];
  const presence: string[] = [];
  const status: string[] = [];
  room.on("say", (data) => void said.push(data));
  room.onPresence(({ change, member }) => void presence.push(`${member.user} ${change}`));
  room.onStatus((now) => void status.push(now));
  return { said, presence, status };
}
