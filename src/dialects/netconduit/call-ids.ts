import type { CorrelationId } from "./frame.ts";

/** Ids of the calls that a client makes: 1, 2, 3 …, as its original counts. */
export function clientCallIds(): () => number {
  let calls = 0;
  return () => {
    calls += 1;
    return calls;
  };
}

/**
 * Ids of the calls that a server makes: from 2^63 on, where no client that counts will ever come, so
 * that neither side can take an answer for one to a call of its own.
 */
export function serverCallIds(): () => bigint {
  let calls = 0n;
  return () => {
    calls += 1n;
    return FIRST_OF_SERVER + calls;
  };
}

/** Whether an answer is to a call that a server has made. */
export function isServerCall(id: CorrelationId): id is bigint {
  return typeof id === "bigint" && id >= FIRST_OF_SERVER;
}

const FIRST_OF_SERVER = 2n ** 63n;
