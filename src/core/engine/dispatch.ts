import type { Message } from "../model/message.ts";
import type { IncomingCalls } from "./incoming-calls.ts";
import type { OutgoingCalls } from "./outgoing-calls.ts";

/** Where the messages of a connection go. */
export interface Destinations {
  readonly outgoing: OutgoingCalls;
  readonly incoming: IncomingCalls;
  send(message: Message): void;
  setPaused(paused: boolean): void;
  event(name: string, data: unknown): void;
  goodbye(reason: string | undefined): void;
}

/** Hands one received message to whom it concerns; `bytes` is its share of the frame. */
export function dispatch(message: Message, bytes: number, to: Destinations): void {
  switch (message.kind) {
    case "call":
      return to.incoming.receive(message);
    case "result":
      return to.outgoing.result(message.id, message.value);
    case "error":
      return to.outgoing.error(message.id, message.failure);
    case "cancel":
      return to.incoming.cancel(message.id);
    case "item":
      to.outgoing.item(message.id, message.value, bytes);
      return to.incoming.item(message.id, message.value, bytes);
    case "end":
      to.outgoing.end(message.id);
      return to.incoming.end(message.id);
    case "credit":
      to.outgoing.credit(message.id, message.items);
      return to.incoming.credit(message.id, message.items);
    case "event":
      return to.event(message.name, message.data);
    case "ping":
      return to.send({ kind: "pong" });
    case "pong":
      return;
    case "pause":
      return to.setPaused(true);
    case "resume":
      return to.setPaused(false);
    case "goodbye":
      return to.goodbye(message.reason);
  }
}
