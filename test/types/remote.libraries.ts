import type { Remote } from "sealwire/client";
import type { Api } from "./contract.libraries.ts";

declare const api: Remote<Api>;

/** What a handler answers is what the caller awaits. */
export const sum: Promise<number> = api.add(2, 3);
export const greeting: Promise<string> = api.later("you").then((answer) => answer.greeting);
export const sent: Promise<string> = api.send({ to: "you", copies: 1, text: "hello" });

/** What a handler yields is what the caller iterates. */
export async function total(): Promise<number> {
  let all = 0;
  for await (const item of api.count(3)) all += item;
  return all;
}

/** Names that the contract does not know go through the proxy's own member. */
export const any: Promise<unknown> = api.$call("other", [1]);

// @ts-expect-error Each argument has its type.
api.add("2", 3);

// @ts-expect-error None may be left out.
api.send({ to: "you" });

// @ts-expect-error The contract does not know this name.
api.subtract(3, 2);

// @ts-expect-error A proxy is no promise.
api.then(() => {});
