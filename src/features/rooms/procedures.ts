import type { Host, ProcedureOptions } from "../../core/contracts/feature.ts";
import { bindNamed, type NamedHandler } from "../../core/engine/bind.ts";
import type { MemberAccess } from "./member-access.ts";
import { ANY, COUNT, MEMBERS, NAME, TICKET, TIMEOUT } from "./params.ts";

/** What clients may ask; `open`: also those who have proven nothing. */
export function addProcedures(host: Host, access: MemberAccess, open: boolean): void {
  const add = (
    name: string,
    description: string,
    params: NonNullable<ProcedureOptions["params"]>,
    handler: NamedHandler,
  ): void => {
    host.procedure(name, { description, params, public: open }, bindNamed(params, handler));
  };
  const joining = { room: NAME, data: ANY, ticket: TICKET, after: COUNT };
  add("$rooms.join", JOIN, joining, (asked, call) => access.join(call, asked));
  add("$rooms.leave", LEAVE, { room: NAME }, ({ room }, call) => access.leave(call, room));
  add("$rooms.here", HERE, { room: NAME }, ({ room }, call) => access.here(call, room));
  add("$rooms.change", CHANGE, { room: NAME, data: ANY }, ({ room, data }, call) => {
    return access.change(call, room, data);
  });
  const event = { room: NAME, name: NAME, data: ANY, to: MEMBERS, except: MEMBERS };
  add("$rooms.emit", EMIT, event, (asked, call) => access.emit(call, asked));
  const question = { ...event, timeoutMs: TIMEOUT };
  add("$rooms.ask", ASK, question, (asked, call) => access.ask(call, asked));
  const answer = { room: NAME, ask: COUNT, value: ANY, code: ANY, message: ANY };
  add("$rooms.answer", ANSWER, answer, (asked, call) => access.answer(call, asked));
}

const JOIN =
  "Joins a room: (room, data, ticket, after). Who has a ticket comes back to its place, and after " +
  "the number that it knows last. What happens then is told by the event $room.";
const LEAVE = "Leaves a room: (room). Whether one was in it.";
const HERE = "Who is in a room that one is in: (room).";
const CHANGE = "Says something else of oneself: (room, data).";
const EMIT = "An event for the members of a room: (room, name, data, to, except). How many get it.";
const ASK = "The same, and what they answer: (room, name, data, to, except, timeoutMs).";
const ANSWER = "Answers such a question: (room, ask, value) or (room, ask, null, code, message).";
