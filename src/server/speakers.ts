import type { LoadableSchemes } from "../core/contracts/platform.ts";
import type { Transport } from "../core/contracts/transport.ts";
import { loadScheme } from "../core/engine/load-scheme.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Speakers } from "./accept-loop.ts";
import type { ListenOptions } from "./options.ts";

/**
 * What moves the bytes of an address and who speaks there.
 *
 * @throws `INVALID_ARGUMENT` for a scheme nobody knows, and for dialects that cannot share a port
 */
export async function speakersFor(
  url: URL,
  options: ListenOptions,
  schemes: LoadableSchemes,
): Promise<{ readonly transport: Transport; readonly speakers: Speakers }> {
  const scheme = await loadScheme(url, schemes);
  const transport = options.transport ?? scheme?.transport;
  const dialects = options.dialects ?? (scheme && [scheme.dialect]);
  if (!transport || !dialects || dialects.length === 0) throw unknownScheme(url, schemes);
  const layers = options.layers ?? scheme?.layers ?? [];
  const silent = dialects.find((dialect) => !dialect.recognizes);
  if (silent && (dialects.length > 1 || layers.length > 0)) throw needsOwnPort(silent.name);
  return { transport, speakers: { dialects, layers } };
}

function unknownScheme(url: URL, schemes: LoadableSchemes): SealwireError {
  const known = Object.keys(schemes).join(", ");
  const message = `nobody knows the scheme of ${url.protocol}//…; there are ${known}`;
  return new SealwireError("INVALID_ARGUMENT", message);
}

function needsOwnPort(name: string): SealwireError {
  return new SealwireError(
    "INVALID_ARGUMENT",
    `the dialect ${name} cannot be told from its first bytes, so it needs a port of its own`,
  );
}
