import type { LoadableSchemes } from "../core/contracts/platform.ts";
import { checkWhole } from "../core/engine/check-options.ts";
import { loadScheme } from "../core/engine/load-scheme.ts";
import type { NativeDialect } from "../dialects/native/index.ts";
import type { ServerOptions } from "../server/options.ts";
import { tcp } from "../transports/tcp/tcp.ts";
import { type TlsOptions, tls } from "../transports/tcp/tls.ts";
import type { NodeWebSocketOptions } from "../transports/websocket/websocket.ts";
import { pythonSchemes } from "./python-schemes.node.ts";
import type { PythonWireOptions } from "./python-wires.ts";

/** What of the options concerns the transports. */
export interface TransportOptions extends PythonWireOptions {
  readonly tls?: TlsOptions;
  readonly connectTimeoutMs?: number | undefined;
  readonly limits?: ServerOptions["limits"];
  readonly allowedOrigins?: readonly string[] | "any";
}

/**
 * Which scheme means which transport and dialect. All but TCP and TLS are loaded when they are
 * asked for; what makes no sense in the options is told before.
 *
 * @throws `INVALID_ARGUMENT` naming the option, the value and what is allowed
 */
export function nodeSchemes(dialect: NativeDialect, options: TransportOptions): LoadableSchemes {
  const { connectTimeoutMs, limits, tls: secure } = options;
  const { maxFrameBytes } = limits ?? {};
  if (maxFrameBytes !== undefined) checkWhole("maxFrameBytes", maxFrameBytes);
  if (connectTimeoutMs !== undefined) {
    checkWhole("connectTimeoutMs", connectTimeoutMs, 1, LONGEST_TIMER_MS);
  }
  const time = connectTimeoutMs === undefined ? {} : { connectTimeoutMs };
  const size = maxFrameBytes === undefined ? {} : { maxFrameBytes };
  const { allowedOrigins } = options;
  const web = { ...time, ...size, ...(allowedOrigins && { allowedOrigins }) };
  const securely = { ...time, ...secure };
  return {
    tcp: { transport: tcp(time), dialect },
    tls: { transport: tls(securely), dialect },
    ws: webSocketLater(dialect, web),
    wss: webSocketLater(dialect, { ...web, ...secure, secure: true }),
    udp: {
      load: async () => {
        const { udp } = await import("../transports/udp/index.ts");
        return { transport: udp(), dialect };
      },
    },
    srmudp: { load: loadSrmudp },
    ...pythonSchemes(options, { tcp: time, tls: securely, web, maxFrameBytes }),
  };
}

/** Beyond, timers of Node fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

function webSocketLater(dialect: NativeDialect, options: NodeWebSocketOptions) {
  const load = async () => {
    const { websocket } = await import("../transports/websocket/websocket.ts");
    return { transport: websocket(options), dialect };
  };
  return { load };
}

async function loadSrmudp() {
  const { srmudp } = await import("../transports/srmudp/index.ts");
  const { raw } = await import("../dialects/raw/index.ts");
  return { transport: srmudp(), dialect: raw() };
}

/** The same schemes, that of the address loaded: who connects needs no other. */
export async function withLoaded(
  address: string | URL,
  schemes: LoadableSchemes,
): Promise<LoadableSchemes> {
  if (!URL.canParse(String(address))) return schemes;
  const url = new URL(address);
  const scheme = await loadScheme(url, schemes);
  return scheme ? { ...schemes, [url.protocol.slice(0, -1)]: scheme } : schemes;
}
