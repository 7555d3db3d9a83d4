import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { acquainted, clusterWorld } from "../../../test/features/cluster-world.ts";
import type { Client } from "../../client/client.ts";
import { type Rooms, rooms } from "./rooms.ts";

const NAMES = ["a", "b", "c"];
const soon = { timeout: 5_000, interval: 10 };

type Step =
  | { readonly kind: "join" | "leave" | "change"; readonly who: number }
  | { readonly kind: "lose" | "restore"; readonly node: string };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom("join" as const, "leave" as const, "change" as const),
        who: fc.nat({ max: 5 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom("lose" as const, "restore" as const),
        node: fc.constantFrom(...NAMES),
      }),
    },
  ),
  { minLength: 5, maxLength: 40 },
);

interface Guest {
  readonly client: Client;
  /** What it says of itself in the room; absent while it is not in it. */
  data: string | undefined;
}

let said = 0;

async function act(guest: Guest, kind: "join" | "leave" | "change"): Promise<void> {
  said += 1;
  const data = `said ${said}`;
  const inside = guest.data !== undefined;
  if (kind === "leave") {
    await guest.client.call("$rooms.leave", ["lobby"]);
    guest.data = undefined;
  } else if (kind === "join" && !inside) {
    await guest.client.call("$rooms.join", { room: "lobby", data });
    guest.data = data;
  } else if (inside) {
    await guest.client.call("$rooms.change", { room: "lobby", data });
    guest.data = data;
  }
}

it("agrees on who is where after any joining, leaving and losing", async () => {
  await using world = clusterWorld();
  const handles: Rooms[] = [];
  const guests: Guest[] = [];
  const nodes = [];
  for (const name of NAMES) {
    const made = await world.start(name, {
      register: (server) => void handles.push(server.install(rooms({ graceMs: 30 }))),
    });
    nodes.push(made);
    for (const client of [made.client, await made.connect()]) {
      guests.push({ client, data: undefined });
    }
  }
  await acquainted(...nodes);
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      for (const step of all) {
        if ("node" in step) world.hub[step.kind](step.node);
        else {
          const guest = guests[step.who];
          if (guest) await act(guest, step.kind);
        }
      }
      world.hub.restore();
      const truth = guests.flatMap(({ data }) => data ?? []).sort();
      await vi.waitFor(() => {
        for (const handle of handles) {
          const here = handle.here("lobby").filter(({ away }) => !away);
          expect(here.map(({ data }) => data).sort()).toEqual(truth);
        }
      }, soon);
    }),
    { numRuns: 30, endOnFailure: true },
  );
});
