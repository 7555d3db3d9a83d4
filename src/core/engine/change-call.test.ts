import { expect, it } from "vitest";
import type { CallMessage } from "../model/message.ts";
import { changeCall } from "./change-call.ts";
import { IncomingCall } from "./incoming-call.ts";

const message: CallMessage = {
  kind: "call",
  id: 1,
  procedure: "add",
  args: { positional: [1, 2], named: {} },
};
const peer = { id: "c1", remote: "here", dialect: "native" };

it("changes what it is told and leaves the rest", () => {
  const call = new IncomingCall(message, peer, undefined, 5);
  const changed = changeCall(call, { meta: { tenant: "a" }, args: { positional: [3], named: {} } });
  expect(changed.meta).toEqual({ tenant: "a" });
  expect(changed.args.positional).toEqual([3]);
  expect([changed.procedure, changed.deadline, changed.peer]).toEqual(["add", 5, peer]);
});

it("keeps the signal of the call, also one that is looked at later", () => {
  const call = new IncomingCall(message, peer, undefined);
  const changed = changeCall(call, {});
  expect(changed.signal).toBe(call.signal);
});

it("can take the place of input and signal", () => {
  const { signal } = new AbortController();
  const changed = changeCall(new IncomingCall(message, peer, undefined), { signal });
  expect(changed.signal).toBe(signal);
});
