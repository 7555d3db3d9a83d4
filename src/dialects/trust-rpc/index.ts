import type { Dialect, Security, Vocabulary } from "../../core/contracts/dialect.ts";
import { lengthPrefix } from "../../framing/length-prefix.ts";
import { ClientSession } from "./client-session.ts";
import { acceptTrustRpc, connectTrustRpc } from "./handshake.ts";
import { type TrustRpcOptions, trustRpcSettings } from "./options.ts";
import { ServerSession } from "./server-session.ts";

export type { TrustRpcOptions } from "./options.ts";

/**
 * The language of trusted sockets: JSON in length-prefixed frames after a challenge that the
 * client answers with its TRUST_ID. Nothing is encrypted and the server proves nothing; inside TLS
 * it is as good as TLS. Described in `docs/dialects/trust-rpc.md`.
 *
 * @throws `INVALID_ARGUMENT` for an option outside its bounds
 */
export function trustRpc(options: TrustRpcOptions = {}): Dialect {
  const settings = trustRpcSettings(options);
  return {
    name: "trust-rpc",
    security: SECURITY,
    vocabulary: VOCABULARY,
    defaults: { port: 8888 },
    framing: lengthPrefix,
    accept: async (wire, acceptor) =>
      new ServerSession(await acceptTrustRpc(wire, acceptor), settings),
    connect: async (wire, initiator) => {
      await connectTrustRpc(wire, initiator, settings);
      return new ClientSession(settings);
    },
  };
}

const SECURITY: Security = Object.freeze({
  encrypted: false,
  clientProven: "by-handshake",
  serverProven: false,
  forwardSecret: false,
  replayProtected: false,
});

const VOCABULARY: Vocabulary = Object.freeze({
  kinds: new Set(["call", "result", "error"] as const),
  callsInFlight: Number.POSITIVE_INFINITY,
  callsBothWays: false,
  showsErrors: true,
  halfClose: true,
});
