import type { Nodes } from "../../core/contracts/nodes.ts";
import type { Asks } from "./asks.ts";
import type { Member } from "./member.ts";
import { type NodeEvent, type NodeWord, readNodeWord } from "./node-word.ts";
import type { Room } from "./room.ts";
import type { PresenceChange, RoomEventItem } from "./room-item.ts";
import type { Audience } from "./room-log.ts";

const TOPIC = "$rooms";

/** What the words between nodes need of the rooms. */
export interface RoomNodesOwner {
  readonly asks: Asks;
  readonly maxAskMs: number;
  readonly maxAnswersBytes: number;
  rooms(): readonly Room[];
  find(name: string): Room | undefined;
  /** The room, made if there may be one more. */
  obtain(name: string): Room | undefined;
  /** Forgets it if nobody is in it. */
  tidy(room: Room): void;
}

/** What the rooms of this node and those of the others tell each other. */
export class RoomNodes {
  readonly #nodes: Nodes;
  readonly #owner: RoomNodesOwner;

  constructor(nodes: Nodes, owner: RoomNodesOwner) {
    this.#nodes = nodes;
    this.#owner = owner;
    nodes.onSaid(TOPIC, (value, node) => {
      const word = readNodeWord(value);
      if (word) this.#take(word, node);
    });
    nodes.onCome((node) => this.#tellAll(node));
    nodes.onGone((node) => {
      for (const room of owner.rooms()) room.elsewhere.gone(node);
    });
  }

  /** Tells of a change of a member that this node has. */
  changed(room: Room, change: PresenceChange, member: Member): void {
    if (this.#nodes.others.length === 0) return;
    if (change === "left") this.#say({ kind: "left", room: room.name, member: member.id });
    else this.#say({ kind: "member", room: room.name, member: member.told });
  }

  /** Tells the members at other nodes something; `asked` names a question of this node. */
  emit(
    room: Room,
    { name, data, from }: Pick<RoomEventItem, "name" | "data" | "from">,
    { to, except }: Audience,
    asked?: { readonly ask: number; readonly timeoutMs: number },
  ): void {
    if (this.#nodes.others.length === 0 || room.own.length === room.size) return;
    this.#say({
      ...{ kind: "event", room: room.name, name, data },
      ...(from !== undefined && { from }),
      ...(to && { to: [...to] }),
      ...(except && { except: [...except] }),
      ...asked,
    });
  }

  /** Has a member put out by the node that has it. */
  putOut(room: Room, { node, id }: Member, reason: string): void {
    this.#say({ kind: "out", room: room.name, member: id, reason }, node);
  }

  /** Of several nodes that see a member of a lost one leave, one speaks of it. */
  speaksFor({ node }: Member): boolean {
    const { self = "", others } = this.#nodes;
    if (node === undefined) return true;
    return !others.includes(node) && others.every((other) => self < other);
  }

  #take(word: NodeWord, node: string): void {
    switch (word.kind) {
      case "begin":
      case "end":
        for (const room of this.#owner.rooms()) room.elsewhere[word.kind](node);
        return;
      case "member": {
        const room = this.#owner.obtain(word.room);
        room?.elsewhere.learn(node, word.member);
        return room && this.#owner.tidy(room);
      }
      case "left":
        return this.#owner.find(word.room)?.elsewhere.left(node, word.member);
      case "event":
        return this.#event(word, node);
      case "answer":
        return void this.#owner.asks.answer(word.ask, word.member, word.answer);
      case "out":
        return this.#owner.find(word.room)?.putOut(word.member, word.reason);
    }
  }

  #event({ room: name, ask, timeoutMs, to, except, ...event }: NodeEvent, node: string): void {
    const room = this.#owner.find(name);
    if (!room) return;
    const audience = { to: to && new Set(to), except: except && new Set(except) };
    if (ask === undefined) return room.emit(event, audience);
    const members = room.audienceOf(audience, room.own);
    const { asks, maxAskMs, maxAnswersBytes: maxBytes } = this.#owner;
    if (members.length === 0) return;
    const limited = Math.min(timeoutMs ?? maxAskMs, maxAskMs);
    const asking = { members, timeoutMs: limited, maxBytes };
    const { id } = asks.open(asking, (member, answer) => {
      this.#say({ kind: "answer", ask, member, answer }, node);
    });
    room.emit({ ...event, ask: id }, audience);
  }

  #tellAll(node: string): void {
    this.#say({ kind: "begin" }, node);
    for (const room of this.#owner.rooms()) {
      for (const member of room.own) {
        this.#say({ kind: "member", room: room.name, member: member.told }, node);
      }
    }
    this.#say({ kind: "end" }, node);
  }

  #say(word: NodeWord, to?: string): void {
    this.#nodes.say(TOPIC, word, to);
  }
}
