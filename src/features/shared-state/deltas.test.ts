import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { values } from "../../../test/codecs/values.ts";
import { servedState } from "../../../test/state/served-state.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { webCrypto } from "../../crypto/providers/web.ts";
import { native } from "../../dialects/native/index.ts";
import { type ServerAndClient, serverAndClient } from "../../testing/server-and-client.ts";
import type { SharedStateOptions } from "./options.ts";
import { sharedStateClient } from "./shared-state-client.ts";
import { UnpackedValues } from "./unpacked-values.ts";

async function sharing(options: SharedStateOptions = {}) {
  const client = { reconnect: { baseMs: 1, maxMs: 5 } };
  const { pair, state } = await servedState(options, { client });
  const shared = pair.client.install(sharedStateClient({ onError: () => {} }));
  return { state, pair, shared };
}

/** What the client's connection has received. */
const received = ({ client }: ServerAndClient) => client.connection?.statistics.receivedBytes ?? 0;

const LARGE = Array.from({ length: 5_000 }, (_, i) => ({ id: i, title: `entry ${i * 7_919}` }));

it("brings any values as they are, one after the other, small and large", async () => {
  const { state, shared } = await sharing();
  const padded = fc.tuple(values, fc.array(values, { maxLength: 30 }), fc.boolean());
  const watch = shared.watch("x");
  await fc.assert(
    fc.asyncProperty(fc.array(padded, { minLength: 1, maxLength: 6 }), async (steps) => {
      for (const [value, more, plain] of steps) {
        const given = plain ? value : [LARGE.slice(0, 60), more, value];
        await state.set("x", given ?? 0);
        const { value: seen } = await watch.next();
        expect(seen?.value).toEqual(given ?? 0);
      }
    }),
    { numRuns: 60 },
  );
  await watch.return?.();
});

it("sends of a large value what has changed, to the watch and nowhere else", async () => {
  const { state, pair, shared } = await sharing();
  await state.set("list", LARGE);
  const watch = shared.watch("list");
  await watch.next();
  const before = received(pair);
  for (let i = 0; i < 10; i++) {
    const next = LARGE.with(i * 400, { id: i, title: "another" });
    await state.set("list", next);
    expect((await watch.next()).value).toMatchObject({ value: next, version: i + 2 });
    expect(shared.get("list")).toEqual(next);
  }
  expect(received(pair) - before).toBeLessThan(10_000);
  await watch.return?.();
  await pair.client.ping();
  // From now on by events again, whole.
  await state.set("list", [...LARGE, "end"]);
  await expect.poll(() => Object(shared.get("list")).length).toBe(LARGE.length + 1);
});

it("does not mind what an application does to the values it has got or given", async () => {
  const { state, shared } = await sharing();
  const mine = { list: [...LARGE] };
  await state.set("x", mine);
  const watch = shared.watch("x");
  const { value: first } = await watch.next();
  Object(first?.value).list.push("theirs");
  mine.list.push({ id: -1, title: "mine" });
  await state.set("x", mine);
  expect((await watch.next()).value?.value).toEqual(mine);
  await watch.return?.();
});

it("goes on after a break, and when variables come, go and become small meanwhile", async () => {
  const { state, pair, shared } = await sharing();
  await state.set("x", LARGE);
  const watch = shared.watch("x");
  const seen: unknown[] = [(await watch.next()).value?.value];
  for (const connection of [...pair.server.connections.values()]) {
    void connection.close(new SealwireError("UNAVAILABLE", "cut by the test"));
  }
  const steps = [LARGE.slice(1), "small", LARGE.slice(2), undefined, LARGE.slice(3), LARGE];
  for (const step of steps) await (step === undefined ? state.delete("x") : state.set("x", step));
  for (const _ of steps) seen.push((await watch.next()).value?.value);
  expect(seen).toEqual([LARGE, ...steps]);
  await watch.return?.();
});

it("begins anew with values as they are when a server sends bytes that cannot be read", async () => {
  const asked: unknown[] = [];
  const pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    register(server) {
      const garbage = { name: "x", version: 2, delta: Uint8Array.of(1), from: 1 };
      server.install((host) => {
        host.procedure("$state.watch", {}, async function* ({ args }) {
          const { packed } = args.named;
          asked.push(packed);
          yield { begin: "life", recovered: false };
          yield packed ? garbage : { name: "x", version: 2, value: "whole" };
        });
      });
    },
  });
  onTestFinished(() => pair.close());
  const watch = pair.client.install(sharedStateClient()).watch("x");
  expect((await watch.next()).value).toMatchObject({ value: "whole", version: 2 });
  expect(asked).toEqual([true, undefined]);
  await watch.return?.();
});

it("makes nothing of bytes that are no value", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.string()), fc.anything(), (packed, from) => {
      const values = new UnpackedValues();
      for (const fields of [{ packed }, { delta: packed, from }]) {
        try {
          values.plain({ name: "x", version: 1, ...fields });
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SealwireError);
        }
      }
    }),
  );
});
