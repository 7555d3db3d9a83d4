import { type } from "arktype";
import type { ContractOf, Server } from "sealwire/server";
import * as v from "valibot";
import { z } from "zod";

declare const server: Server;

const plain = server.expose({
  add: (a: number, b: number) => a + b,
  later: async (name: string) => ({ greeting: `hello ${name}` }),
  count: async function* (to: number) {
    for (let at = 0; at < to; at += 1) yield at;
  },
});

const declared = server.procedure(
  "send",
  { params: { to: z.string(), copies: v.number(), text: type("string") } },
  ({ to, copies, text }) => `${to.toUpperCase()} ${copies.toFixed()} ${text.trim()}`,
);

/** What a client's module imports: a type, and no code. */
export type Api = ContractOf<[typeof plain, typeof declared]>;

/** A schema that turns one type into another gives the handler what comes out of it. */
server.procedure("wait", { params: { ms: z.string().transform(Number) } }, ({ ms }) => ms + 1);

// @ts-expect-error A handler may not expect another type than its schema gives.
server.procedure("wrong", { params: { a: z.string() } }, ({ a }: { a: number }) => a);

// @ts-expect-error A parameter needs a schema.
server.procedure("wrong", { params: { a: "string" } }, () => 1);

// @ts-expect-error Only functions can be called.
server.expose({ pi: 3.14 });
