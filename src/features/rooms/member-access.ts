import { weightOf } from "../../core/engine/weight.ts";
import type { Call } from "../../core/model/call.ts";
import { ERROR_CODES, SealwireError } from "../../core/model/errors.ts";
import type { Principal } from "../../core/model/peer.ts";
import type { Answer } from "./asks.ts";
import type { Member } from "./member.ts";
import type { Joined } from "./read-item.ts";
import type { Room } from "./room.ts";
import type { RoomAnswers, RoomMember } from "./room-item.ts";
import type { Audience } from "./room-log.ts";
import type { RoomTable } from "./room-table.ts";
import { checkPolicy } from "./rules.ts";

/** Arguments by name, each checked by its schema. */
type Asked = Readonly<Record<string, unknown>>;

/** What clients may do, and who of them. */
export class MemberAccess {
  readonly #rooms: RoomTable;
  readonly #asking = new Map<string, number>();

  constructor(rooms: RoomTable) {
    this.#rooms = rooms;
  }

  join(call: Call, { room, data, ticket, after }: Asked): Promise<Joined> {
    this.#checkData(data);
    return this.#rooms.join(String(room), {
      peer: call.peer,
      principal: this.#proven(call),
      data: data ?? undefined,
      ticket: typeof ticket === "string" ? ticket : undefined,
      after: typeof after === "number" ? after : undefined,
    });
  }

  leave({ peer }: Call, name: unknown): boolean {
    const room = this.#rooms.find(String(name));
    const member = room?.memberOf(peer);
    if (member) room?.remove(member);
    return member !== undefined;
  }

  here(call: Call, name: unknown): readonly RoomMember[] {
    return this.#placeOf(call, name).room.here;
  }

  change(call: Call, name: unknown, data: unknown): void {
    this.#checkData(data);
    const { room, member } = this.#placeOf(call, name);
    room.change(member, data);
  }

  async emit(call: Call, asked: Asked): Promise<number> {
    const { room, event, audience } = await this.#event(call, asked);
    return this.#rooms.emit(room, event, audience);
  }

  async ask(call: Call, asked: Asked): Promise<RoomAnswers> {
    const { peer, signal } = call;
    const { room, event, audience } = await this.#event(call, asked);
    const { limits, maxAskMs } = this.#rooms.config;
    const open = this.#asking.get(peer.id) ?? 0;
    if (open >= limits.maxAsksPerPeer) {
      throw new SealwireError(
        "RATE_LIMITED",
        `${open} questions of yours wait for answers already`,
      );
    }
    const timeoutMs = Math.min(Number(asked["timeoutMs"] ?? maxAskMs), maxAskMs);
    this.#asking.set(peer.id, open + 1);
    try {
      return await this.#rooms.ask(room, event, { ...audience, timeoutMs, signal });
    } finally {
      const left = (this.#asking.get(peer.id) ?? 1) - 1;
      if (left > 0) this.#asking.set(peer.id, left);
      else this.#asking.delete(peer.id);
    }
  }

  answer(call: Call, { room, ask, value, code, message }: Asked): boolean {
    const { member } = this.#placeOf(call, room);
    return this.#rooms.asks.answer(Number(ask), member.id, this.#answerFrom(value, code, message));
  }

  #answerFrom(value: unknown, code: unknown, message: unknown): Answer {
    const { maxEventBytes } = this.#rooms.config.limits;
    const known = ERROR_CODES.find((each) => each === code);
    if (known) return { failure: { code: known, message: String(message).slice(0, 1_000) } };
    if (weightOf(value) <= maxEventBytes) return { value };
    return {
      failure: { code: "TOO_LARGE", message: `its answer takes over ${maxEventBytes} bytes` },
    };
  }

  async #event(call: Call, asked: Asked): Promise<EventAsked> {
    const { peer } = call;
    const name = String(asked["name"]);
    const data = asked["data"];
    checkWeight("an event", data, this.#rooms.config.limits.maxEventBytes);
    const { emit = "everyone" } = this.#rooms.config.rules.find(String(asked["room"]));
    const { room: found } = this.#placeOf(call, asked["room"]);
    await checkPolicy(emit, "emit in", {
      room: found.name,
      peer,
      principal: this.#proven(call),
      name,
      data,
    });
    // While a policy thought, the member may have left.
    const { room, member } = this.#placeOf(call, asked["room"]);
    const except = new Set([...idsFrom(asked["except"]), member.id]);
    const to = Array.isArray(asked["to"]) ? new Set(idsFrom(asked["to"])) : undefined;
    return { room, event: { name, data, from: member.id }, audience: { to, except } };
  }

  /** Public procedures are open to those whose proof has expired, too. */
  #proven({ principal }: Call): Principal | undefined {
    const { expiresAt = Number.POSITIVE_INFINITY } = principal ?? {};
    return expiresAt > this.#rooms.config.clock.now() ? principal : undefined;
  }

  #placeOf({ peer }: Call, name: unknown): { readonly room: Room; readonly member: Member } {
    const room = this.#rooms.find(String(name));
    const member = room?.memberOf(peer);
    if (room && member) return { room, member };
    throw new SealwireError("NOT_FOUND", `you are not in the room ${name}: join it first`);
  }

  #checkData(data: unknown): void {
    checkWeight("what a member says of itself", data, this.#rooms.config.limits.maxDataBytes);
  }
}

interface EventAsked {
  readonly room: Room;
  readonly event: { readonly name: string; readonly data: unknown; readonly from: string };
  readonly audience: Audience;
}

function checkWeight(what: string, value: unknown, maxBytes: number): void {
  const bytes = weightOf(value);
  if (bytes <= maxBytes) return;
  const message = `${what} takes about ${bytes} bytes; at most ${maxBytes} are taken`;
  throw new SealwireError("TOO_LARGE", message);
}

function idsFrom(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
