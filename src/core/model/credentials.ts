/** What a client holds to prove who it is. The dialect turns it into what its wire wants. */
export type Credentials =
  | { readonly scheme: "anonymous" }
  | { readonly scheme: "password"; readonly password: string; readonly user?: string }
  | { readonly scheme: "api-key"; readonly key: string }
  | { readonly scheme: "secret"; readonly secret: Uint8Array }
  | { readonly scheme: "token"; readonly token: string }
  | { readonly scheme: "key-pair"; readonly secretKey: Uint8Array };

/** What a dialect brings before an authenticator, whichever way its wire carries it. */
export type Evidence =
  | { readonly scheme: "anonymous" }
  | { readonly scheme: "password"; readonly password: string; readonly user?: string }
  | { readonly scheme: "api-key"; readonly key: string }
  | { readonly scheme: "token"; readonly token: string }
  /** The secret never crossed the wire; `matches` tells, in constant time, if a candidate fits. */
  | {
      readonly scheme: "proof";
      readonly user?: string;
      readonly matches: (secret: Uint8Array) => boolean;
    }
  /**
   * A password proven without showing it; the record is the one kept at registration. Without a
   * record the exchange runs with a false one, so that unknown users cannot be told from known.
   */
  | {
      readonly scheme: "pake";
      readonly user: string;
      readonly prove: (record: Uint8Array | undefined) => Promise<boolean>;
    }
  /** The handshake has proven possession of the private key (X25519, 32 bytes). */
  | { readonly scheme: "public-key"; readonly key: Uint8Array };
