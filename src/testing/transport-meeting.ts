import { expect, test } from "vitest";
import { SealwireError } from "../core/model/errors.ts";
import type { Suite } from "./transport-under-test.ts";

/** Peers find each other, or are told why not. */
export function meeting(suite: Suite): void {
  test("says UNAVAILABLE where nobody listens", async () => {
    const { transport, address } = await suite.made();
    const listener = await suite.ends.listen(transport, address);
    await listener.close();
    await expect(suite.ends.connect(transport, listener.address)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining(listener.address.host),
    });
  });

  test("says ALREADY_EXISTS, and where, when the address is in use", async () => {
    const { transport, address } = await suite.made();
    const listener = await suite.ends.listen(transport, address);
    await expect(suite.ends.listen(transport, listener.address)).rejects.toMatchObject({
      code: "ALREADY_EXISTS",
      message: expect.stringContaining(listener.address.host),
    });
  });

  test("can listen again where a listener has closed", async () => {
    const { transport, address } = await suite.made();
    const first = await suite.ends.listen(transport, address);
    await first.close();
    const second = await suite.ends.listen(transport, first.address);
    expect(second.address.href).toBe(first.address.href);
  });

  test("gives up connecting when the signal says so", async () => {
    const { transport, address } = await suite.made();
    const listener = await suite.ends.listen(transport, address);
    const signal = AbortSignal.abort(new SealwireError("CANCELLED", "changed my mind"));
    await expect(transport.connect(listener.address, { signal })).rejects.toMatchObject({
      code: "CANCELLED",
      message: "changed my mind",
    });
  });

  test("closing a listener ends its iteration", async () => {
    const { transport, address } = await suite.made();
    const listener = await suite.ends.listen(transport, address);
    const arrival = listener[Symbol.asyncIterator]().next();
    await listener.close();
    expect(await arrival).toEqual({ done: true, value: undefined });
  });

  test("yields a channel for each of many who come at once, and knows where they are", async () => {
    const { transport, address } = await suite.made();
    const listener = await suite.ends.listen(transport, address);
    const all = Array.from({ length: 20 }, () => suite.ends.connect(transport, listener.address));
    const arrivals = listener[Symbol.asyncIterator]();
    const remotes = new Set<string>();
    for (const _ of all) remotes.add((await arrivals.next()).value.remote);
    await Promise.all(all);
    expect(remotes.size).toBe(20);
  });

  test("refuses an address of another kind", async () => {
    const { transport } = await suite.made();
    const foreign = new URL("nothing://");
    const refused = { code: "INVALID_ARGUMENT" };
    await expect(suite.ends.connect(transport, foreign)).rejects.toMatchObject(refused);
    await expect(suite.ends.listen(transport, foreign)).rejects.toMatchObject(refused);
  });
}
