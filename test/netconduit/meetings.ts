import {
  type RawClient,
  type RawPeer,
  type RawServer,
  type RawServerOptions,
  rawClient,
  rawServer,
} from "./peers.ts";

/** What is closed after a test. */
export type Closing = (() => Promise<void>)[];

/** A client of ours, and what it has sent. */
export interface Caller extends RawClient {
  readonly opening: Promise<unknown>;
  readonly peer: RawPeer;
  readonly login: Uint8Array | undefined;
}

/** Closes what a test has opened; for `afterEach`. */
export async function closeMeetings(closing: Closing): Promise<void> {
  await Promise.all(closing.splice(0).map((close) => close()));
}

/** A server of ours with two procedures, and a raw peer that has not logged in. */
export async function serving(
  closing: Closing,
  options: RawServerOptions = {},
): Promise<RawServer & { readonly peer: RawPeer }> {
  const raw = await rawServer({
    ...options,
    register(server) {
      server.procedure(
        "echo",
        ({ args: { positional, named } }) => named["value"] ?? positional[0],
      );
      server.procedure(
        "wait",
        (call) => new Promise((go) => call.signal.addEventListener("abort", go)),
      );
      options.register?.(server);
    },
  });
  closing.push(raw.close);
  return { ...raw, peer: await raw.connect() };
}

/** A client of ours that waits for the answer to its login, and the raw peer that has it. */
export async function calling(closing: Closing): Promise<Caller> {
  const raw = await rawClient({ heartbeat: false });
  closing.push(raw.close);
  const opening = raw.client.open(undefined);
  const peer = await raw.accept();
  const login = await peer.frame();
  return { ...raw, opening, peer, login };
}
