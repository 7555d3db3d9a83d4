import { Inbox } from "../../src/bytes/inbox.ts";
import type { Endpoint } from "../../src/core/contracts/datagram-socket.ts";
import { SealwireError } from "../../src/core/model/errors.ts";
import type { Link, LinkOpener, LinkOpening } from "../../src/gateway/link.ts";

/** A link whose other end is the test. */
export interface FakeLink {
  readonly opening: LinkOpening;
  readonly sent: readonly Uint8Array[];
  readonly closed: boolean;
  establish(authenticated?: boolean): void;
  reconnect(): void;
  /** Ends it for good: in order without a reason. */
  end(reason?: SealwireError): void;
  deliver(message: Uint8Array | string): void;
  /** The peer acknowledges everything that was sent and is being sent; otherwise nothing. */
  acknowledges: boolean;
  /** Messages on the way are given up. */
  lose(): void;
}

/** Links in memory, in the order in which they were opened. */
export interface FakeLinks {
  readonly open: LinkOpener;
  readonly links: readonly FakeLink[];
  /** The nth link, as soon as it is opened. */
  opened(n: number): Promise<FakeLink>;
  /** What the next openings fail with. */
  failWith: SealwireError | undefined;
  /** What STUN servers would say. */
  publicAddress: Endpoint | undefined;
}

/** Makes links in memory. */
export function fakeLinks(): FakeLinks {
  const links: FakeLink[] = [];
  const waiting = new Set<() => void>();
  const made: FakeLinks = {
    links,
    failWith: undefined,
    publicAddress: undefined,
    async open(opening) {
      if (made.failWith) throw made.failWith;
      const { link, control } = fakeLink(opening, () => made.publicAddress);
      links.push(control);
      for (const look of waiting) look();
      return link;
    },
    opened: (n) =>
      new Promise((resolve) => {
        const look = () => {
          const link = links[n];
          if (!link) return;
          waiting.delete(look);
          // As with real sockets, nothing is told before whoever opened it knows the link.
          setImmediate(() => resolve(link));
        };
        waiting.add(look);
        look();
      }),
  };
  return made;
}

interface Sending {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function fakeLink(
  opening: LinkOpening,
  publicAddress: () => Endpoint | undefined,
): { readonly link: Link; readonly control: FakeLink } {
  const inbox = new Inbox<Uint8Array>({ maxWaiting: 10 });
  const sent: Uint8Array[] = [];
  const open = new Set<Sending>();
  const local = { ...opening.bind, port: opening.bind.port || 40_000 };
  const state = { closed: false, acknowledges: true };
  const end = (reason?: SealwireError) => {
    if (state.closed) return;
    state.closed = true;
    for (const sending of open) sending.reject(reason ?? lost());
    opening.onState({ state: "closed", ...(reason && { reason }) });
    inbox.end();
  };
  const link: Link = {
    local,
    send: (message) =>
      new Promise((resolve, reject) => {
        sent.push(message);
        if (state.acknowledges) resolve();
        else open.add({ resolve, reject });
      }),
    async publicAddress() {
      const found = publicAddress();
      if (found) return found;
      throw new SealwireError("UNAVAILABLE", "no STUN server answered");
    },
    close: async () => end(),
    [Symbol.asyncIterator]: () => inbox,
  };
  const control: FakeLink = {
    opening,
    sent,
    get closed() {
      return state.closed;
    },
    get acknowledges() {
      return state.acknowledges;
    },
    set acknowledges(does: boolean) {
      state.acknowledges = does;
      if (does) for (const { resolve } of open) resolve();
      if (does) open.clear();
    },
    establish: (authenticated = false) =>
      opening.onState({ state: "established", authenticated, remote: opening.remote }),
    reconnect: () => opening.onState({ state: "reconnecting" }),
    end,
    deliver: (message) =>
      void inbox.put(typeof message === "string" ? new TextEncoder().encode(message) : message),
    lose() {
      for (const { reject } of open) reject(lost());
      open.clear();
    },
  };
  return { link, control };
}

function lost(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the link was lost");
}
