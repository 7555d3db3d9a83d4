import type { CallContext } from "../core/contracts/context.ts";
import { isStream } from "../core/engine/streams.ts";
import { isThenable } from "../core/engine/thenable.ts";
import type { Call } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";

/** Runs a handler so that everything below it finds the call, what it streams included. */
export function inContext(context: CallContext, call: Call, run: (call: Call) => unknown): unknown {
  const answer = context.run(call, () => run(call));
  // The answer of a typed proxy is both; only what it resolves to tells which it was.
  if (isThenable(answer)) return answer.then((value) => streamed(context, call, value));
  return streamed(context, call, answer);
}

/** The body of a generator runs where its items are asked for, not where it was made. */
function streamed(context: CallContext, call: Call, answer: unknown): unknown {
  if (!isStream(answer)) return answer;
  return {
    [Symbol.asyncIterator]: (): AsyncIterator<unknown> => {
      const items = answer[Symbol.asyncIterator]();
      return {
        next: () => context.run(call, () => items.next()),
        return: (value) =>
          context.run(call, async () => (await items.return?.(value)) ?? { done: true, value }),
      };
    },
  };
}

/** The call that runs above. @throws `UNSUPPORTED` without a context */
export function currentCallIn(context: CallContext | undefined): Call | undefined {
  if (context) return context.current();
  throw new SealwireError(
    "UNSUPPORTED",
    "currentCall() needs the option callContext: true of createServer, and Node",
  );
}
