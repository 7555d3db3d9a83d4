import type { ClientOptions } from "../client/options.ts";
import type { ServerOptions } from "../server/options.ts";
import type { PairOptions } from "./server-and-client.ts";

/** A dialect and what both sides need to greet each other in it. */
export interface DialectUnderTest {
  /** Spoken by both sides. If it tells its identity, the client knows its key. */
  readonly dialect: PairOptions["dialect"];
  /** Such as an authenticator. @default everybody is somebody */
  readonly server?: ServerOptions;
  /** Such as credentials. @default anonymous */
  readonly client?: ClientOptions;
  /**
   * Whether the code of an error arrives as it was; some wires have no place for it.
   *
   * @default true
   */
  readonly keepsCodes?: boolean;
  /**
   * Whether answers keep the order of the calls although they carry ids.
   *
   * @default false
   */
  readonly answersInOrder?: boolean;
}

/** What the parts of the suite share. */
export interface DialectSuite {
  make(): Promise<DialectUnderTest>;
}
