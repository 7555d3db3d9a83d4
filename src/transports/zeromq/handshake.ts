import type { Channel } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { ZmtpChannel } from "./channel.ts";
import { greetAsCurveClient } from "./curve-client.ts";
import type { CurveSession } from "./curve-record.ts";
import { greetAsCurveServer } from "./curve-server.ts";
import { greetingFailed } from "./failures.ts";
import { formatGreeting, readGreeting } from "./greeting.ts";
import { HandshakePath } from "./handshake-path.ts";
import type { SocketType } from "./metadata.ts";
import { greetWithNull } from "./null-mechanism.ts";
import type { ZeromqSettings } from "./options.ts";

/** What a greeting leaves behind. */
export interface Greeted {
  /** The minor version that both speak: 0 knows no `PING`. */
  readonly minor: number;
  /** Present when everything that follows is sealed. */
  readonly curve?: CurveSession;
}

/**
 * Greets the peer at the other end of a stream, as a client (`DEALER`) or a server (`ROUTER`), and
 * gives the channel inside. A peer that is refused is told so, where ZMTP has words for it.
 *
 * @throws `HANDSHAKE_FAILED` or `PROTOCOL_VIOLATION`; the stream is closed then
 */
export async function greet(
  stream: Channel,
  own: SocketType,
  settings: ZeromqSettings,
  signal: AbortSignal,
): Promise<ZmtpChannel> {
  const path = new HandshakePath(stream, settings.limits.maxHandshakeBytes);
  const release = bound(path, settings.limits.handshakeTimeoutMs, signal);
  try {
    const greeted = await exchange(path, own, settings);
    if (path.ended !== undefined) throw path.ended;
    return new ZmtpChannel(path, greeted, settings);
  } catch (thrown) {
    const error = path.ended ?? SealwireError.from(thrown, "HANDSHAKE_FAILED");
    // Who was told why may read it first; the close in order is bounded too.
    await stream.close(path.told ? undefined : error);
    throw error;
  } finally {
    release();
  }
}

/** Our greeting does not wait for the peer's: one of the two has to begin. */
async function exchange(
  path: HandshakePath,
  own: SocketType,
  { curve }: ZeromqSettings,
): Promise<Greeted> {
  const accepting = own === "ROUTER";
  const mechanism = curve === undefined ? "NULL" : "CURVE";
  path.write(formatGreeting(mechanism, curve !== undefined && accepting));
  const minor = await readGreeting(path, mechanism);
  if (curve === undefined) {
    await greetWithNull(path, own);
    return { minor };
  }
  const greetWithCurve = accepting ? greetAsCurveServer : greetAsCurveClient;
  return { minor, curve: await greetWithCurve(path, curve) };
}

/** A greeting ends in time or when nobody wants it any more; gives what takes the bound back. */
function bound(path: HandshakePath, timeoutMs: number, signal: AbortSignal): () => void {
  const end = (error: SealwireError) => {
    path.ended ??= error;
    void path.channel.close(error);
  };
  const onAbort = () => end(SealwireError.from(signal.reason, "CANCELLED"));
  const late = () => end(greetingFailed(path.remote, `no greeting within ${timeoutMs} ms`));
  const timer = setTimeout(late, timeoutMs);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  };
}
