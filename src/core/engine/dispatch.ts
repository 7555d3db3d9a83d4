import type { Message } from "../model/message.ts";
import type { ConnectionPort } from "./connection-port.ts";
import type { IncomingCalls } from "./incoming-calls.ts";
import type { OutgoingCalls } from "./outgoing-calls.ts";

/** Hands one received message to whom it concerns; `bytes` is its share of the frame. */
export function dispatch(
  message: Message,
  bytes: number,
  incoming: IncomingCalls,
  outgoing: OutgoingCalls,
  port: ConnectionPort,
): void {
  switch (message.kind) {
    case "call":
      return incoming.receive(message);
    case "result":
      return outgoing.result(message.id, message.value);
    case "error":
      return outgoing.error(message.id, message.failure);
    case "cancel":
      return incoming.cancel(message.id);
    case "item":
      outgoing.item(message.id, message.value, bytes);
      return incoming.item(message.id, message.value, bytes);
    case "end":
      outgoing.end(message.id);
      return incoming.end(message.id);
    case "credit":
      outgoing.credit(message.id, message.items);
      return incoming.credit(message.id, message.items);
    case "event":
      return port.setup.onEvent(message.name, message.data, port.peer);
    case "ping":
      return port.traffic.queue.push({ kind: "pong" });
    case "pong":
      return;
    case "pause":
      return port.traffic.queue.setPaused(true);
    case "resume":
      return port.traffic.queue.setPaused(false);
    case "goodbye":
      port.traffic.left();
      return port.setup.onGoodbye(message.reason, port.peer);
  }
}
