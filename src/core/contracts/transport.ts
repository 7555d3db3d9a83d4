/** Moves bytes between two places and knows nothing of what they mean. */
export interface Transport {
  /** The URL scheme it answers to, such as `"tcp"`. */
  readonly scheme: string;
  /** All channels of this transport have `protection`, so that a server knows before one comes. */
  readonly protects?: boolean;
  /** @throws `UNAVAILABLE` when nobody answers, `INVALID_ARGUMENT` for an address it cannot use. */
  connect(address: URL, options: { readonly signal: AbortSignal }): Promise<Channel>;
  /** @throws `ALREADY_EXISTS` when the address is taken, `INVALID_ARGUMENT` for an unusable one. */
  listen(address: URL): Promise<Listener>;
}

/** Iterating yields one channel for each peer that arrives, until closed. */
export interface Listener extends AsyncIterable<Channel> {
  /** Where it really listens: port 0 has become a port. */
  readonly address: URL;
  close(): Promise<void>;
}

/**
 * One open path to one peer. Iterated once; yields chunks in order. An orderly end ends the
 * iteration, a lost path throws. A received chunk belongs to the receiver for ever.
 */
export interface Channel extends AsyncIterable<Uint8Array> {
  /** `"kept"`: one chunk written is one chunk received. `"lost"`: a stream, which needs framing. */
  readonly boundaries: "kept" | "lost";
  /** Where the peer is, as `host:port`, for people and logs. */
  readonly remote: string;
  /** Set by transports with encryption of their own, so that a server may count it. */
  readonly protection?: { readonly by: string; readonly remoteKey?: Uint8Array };
  /** Where frames can be text or binary (WebSocket): which the dialect wants. */
  text?: boolean;
  /** Set when the reader notices damage and can go on after it: checks of the channel may go. */
  noticesDamage?: boolean;
  /**
   * Takes the chunks at once, in order, with one system call where the platform can (`writev`).
   * They are the channel's until `release` is called. Resolves when there is room for more;
   * all who wait, wait for one shared promise. `undefined`: there is room now. Never rejects:
   * what is written to a closed or lost channel is dropped (and released), those who wait go on,
   * and the loss is told in one place, the iteration.
   */
  write(chunks: readonly Uint8Array[], release?: () => void): Promise<void> | undefined;
  /** Ends in order when there is no reason, at once when there is one. Never rejects. */
  close(reason?: Error): Promise<void>;
  /**
   * Hands the platform's own stream (in Node a `Duplex`) to a layer that can go on with it, the
   * bytes read so far put back as `head`. Afterwards the channel is not used any more.
   */
  detach?(head: Uint8Array): unknown;
}
