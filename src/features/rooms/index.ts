export { ClientRoom } from "./client-room.ts";
export type { RoomLimits, RoomsOptions } from "./options.ts";
export { RoomClient, type RoomClientOptions, roomClient } from "./room-client.ts";
export type {
  Presence,
  PresenceChange,
  RoomAnswers,
  RoomMember,
  RoomSilence,
} from "./room-item.ts";
export type { EmitOptions, RoomReceiver, RoomStatus } from "./room-receiver.ts";
export type { PresenceHook } from "./room-table.ts";
export { type RoomAudience, type Rooms, rooms } from "./rooms.ts";
export type { RoomPolicy, RoomRequest, RoomRules } from "./rules.ts";
