import type { Client } from "../../src/client/client.ts";
import type { Call } from "../../src/core/model/call.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import type { Server } from "../../src/server/server.ts";
import type { Ledger } from "./ledger.ts";
import { turns } from "./world.ts";

/** Every way in which a handler may behave, on either end. */
export function addProcedures(end: Client | Server, ledger: Ledger): void {
  const pause = () => turns(1);
  const add = (name: string, handler: (call: Call) => unknown) =>
    end.procedure(name, { public: true }, (call: Call) => handler(call));
  add("now", (call) => call.args.positional[0]);
  add(
    "later",
    watched(ledger, async (call) => turns(Number(call.args.positional[0] ?? 1))),
  );
  add("refuse", () => {
    throw new SealwireError("CONFLICT", "refused", { details: { why: "test" } });
  });
  add("boom", () => {
    throw new Error("a secret of the handler");
  });
  add("unsayable", () => () => "functions do not travel");
  add(
    "hang",
    watched(ledger, (call) => untilAborted(call.signal)),
  );
  add("stubborn", () => new Promise(() => {}));
  add("count", (call) => ledger.counted((i) => i, Number(call.args.positional[0] ?? 10), pause));
  add("later count", async (call) => {
    await pause();
    return ledger.counted((i) => i, Number(call.args.positional[0] ?? 10), pause);
  });
  add("broken count", (call) => failingCount(Number(call.args.positional[0] ?? 3)));
  add(
    "sum",
    watched(ledger, async (call) => {
      let sum = 0;
      for await (const item of call.input) sum += Number(item);
      return sum;
    }),
  );
  add("take one", async (call) => {
    for await (const item of call.input) return item;
    return "nothing came";
  });
  add("mirror", (call) => mirrored(call.input, ledger));
}

function watched(ledger: Ledger, handler: (call: Call) => Promise<unknown>) {
  return async (call: Call) => {
    const running = ledger.begin(call.procedure, call.signal);
    try {
      return await handler(call);
    } finally {
      running.over = true;
    }
  };
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

async function* failingCount(good: number) {
  for (let i = 0; i < good; i++) yield i;
  throw new SealwireError("NOT_FOUND", "no more of them");
}

async function* mirrored(input: AsyncIterable<unknown>, ledger: Ledger) {
  ledger.generatorsBegun += 1;
  try {
    for await (const item of input) yield item;
  } finally {
    ledger.generatorsEnded += 1;
  }
}
