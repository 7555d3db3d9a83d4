import type { Client } from "./client.ts";
import type { EventSubscription, WatchOptions } from "./event-receivers.ts";
import type { Member, PoolMember } from "./pool-member.ts";

/** Receives the events of one name, and from which member each came. */
export type PoolReceive = (data: unknown, from: PoolMember) => void;

/** What is wanted of all members, of those too that come later. */
export class PoolEvents {
  readonly #wishes = new Set<Wish>();

  /** Asks everybody who is there. `ready` is about those who can be used now. */
  add(
    members: readonly Member[],
    name: string,
    receive: PoolReceive,
    options: WatchOptions,
  ): EventSubscription {
    const wish: Wish = { name, receive, options, asked: [] };
    this.#wishes.add(wish);
    const usable = members.filter((member) => member.usable);
    const listening = usable.filter((member) => member.takesEvents);
    // Where none of them has events, that is what `ready` says.
    const awaited = new Set(listening.length > 0 ? listening : usable);
    const asked = members.map(async (member) => {
      const subscription = member.client && ask(wish, member, member.client);
      if (awaited.has(member)) await subscription?.ready;
    });
    const ready = Promise.all(asked).then(() => {});
    // Whoever does not look at `ready` must not be hit by its rejection.
    ready.catch(() => {});
    return { ready, close: () => this.#close(wish) };
  }

  /** A member has connected for the first time. */
  joined(member: Member, client: Client): void {
    for (const wish of this.#wishes) ask(wish, member, client);
  }

  #close(wish: Wish): void {
    if (!this.#wishes.delete(wish)) return;
    for (const subscription of wish.asked.splice(0)) subscription.close();
  }
}

interface Wish {
  readonly name: string;
  readonly receive: PoolReceive;
  readonly options: WatchOptions;
  readonly asked: EventSubscription[];
}

function ask(wish: Wish, member: Member, client: Client): EventSubscription {
  const { name, receive, options, asked } = wish;
  const subscription = client.onEvent(name, (data) => receive(data, member), options);
  asked.push(subscription);
  return subscription;
}
