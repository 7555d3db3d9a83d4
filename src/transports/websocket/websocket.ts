import type { Transport } from "../../core/contracts/transport.ts";
import { checkWhole } from "../../core/engine/check-options.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { checkAddress } from "./address.ts";
import { certificateIn } from "./certificate.ts";
import { connect } from "./connect.ts";
import { listen } from "./listen.ts";
import type { WebSocketOptions } from "./options.ts";
import { type HttpLayerOptions, upgradeRules } from "./server-options.ts";

/** What the transport can be told in Node. */
export interface NodeWebSocketOptions extends WebSocketOptions, Omit<HttpLayerOptions, "path"> {
  /** Certificates trusted to sign the server's, in PEM. @default those that Node brings */
  readonly ca?: string;
  /**
   * The certificate chain to listen with at `wss:` addresses, in PEM; who connects shows it to
   * servers that ask.
   */
  readonly cert?: string | Uint8Array;
  /** Its private key, in PEM. */
  readonly key?: string | Uint8Array;
  /**
   * Certificates that sign those of clients, in PEM. With it a client has to show one of these;
   * all others are refused in the handshake.
   *
   * @default clients show none
   */
  readonly clientCa?: string;
  /**
   * Connections that may wait to be upgraded or taken from a listener; more are cut off.
   *
   * @default 1_024
   */
  readonly maxPending?: number;
}

/**
 * Channels over WebSocket (RFC 6455), under addresses such as `ws://127.0.0.1:7002/path`. Each
 * chunk is one message. A listener answers at the path of its address.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense.
 */
export function websocket(options: NodeWebSocketOptions = {}): Transport {
  const { secure = false, ca, clientCa, maxPending = 1_024 } = options;
  checkWhole("maxPending", maxPending);
  const rules = upgradeRules(options);
  const { limits, subprotocols } = rules;
  const scheme = secure ? "wss" : "ws";
  const shown = secure ? certificateIn(options) : undefined;
  return {
    scheme,
    protects: secure,
    async connect(address, { signal }) {
      checkAddress(address, scheme);
      return connect(address, { limits, subprotocols, ca, signal, certificate: shown });
    },
    async listen(address) {
      checkAddress(address, scheme);
      if (secure && !shown) throw uncertified();
      return listen(address, { rules, maxPending, certificate: shown && { ...shown, clientCa } });
    },
  };
}

/** The same over TLS, under `wss:` addresses. */
export function secureWebsocket(options: NodeWebSocketOptions = {}): Transport {
  return websocket({ ...options, secure: true });
}

function uncertified(): SealwireError {
  const message = "listening at wss: needs a certificate; give the options cert and key";
  return new SealwireError("INVALID_ARGUMENT", message);
}
