/** A proven identity. */
export interface Principal {
  readonly id: string | number;
  readonly scopes: ReadonlySet<string>;
  /** Milliseconds since the epoch; afterwards calls are refused until a fresh proof arrives. */
  readonly expiresAt?: number;
  /** Whatever the authenticator knows beside; never sent to the peer. */
  readonly data?: unknown;
  /** Aborted when the key or account is withdrawn: live connections act on it. */
  readonly revoked?: AbortSignal;
}

/** The other end of a connection, as far as it is known. */
export interface Peer {
  /** Stays the same when a session resumes; `remote` may change. */
  readonly id: string;
  readonly remote: string;
  readonly dialect: string;
  /** Ties application tokens to this connection; present on wires that can. */
  readonly binding?: Uint8Array;
  /** Proven by the handshake; absent for anonymous peers and on wires that prove each call. */
  readonly principal?: Principal | undefined;
  /** Whether the end of the connection has begun: calls fail. */
  readonly ending?: boolean;
  /** Whether its channel is lost and another may follow: nobody may be there any more. */
  readonly away?: boolean;
}

/** The principal of those who prove nothing: public procedures are all they may call. */
export const ANONYMOUS: Principal = Object.freeze({ id: "anonymous", scopes: new Set<string>() });
