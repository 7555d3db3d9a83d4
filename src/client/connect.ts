import { SealwireError } from "../core/model/errors.ts";
import { Client } from "./client.ts";
import type { ClientOptions, ClientSurroundings } from "./options.ts";

/**
 * Connects to a server.
 *
 * @throws `UNAVAILABLE` when nobody answers, `HANDSHAKE_FAILED` when the server is not the one it
 * should be, `UNAUTHENTICATED` when the credentials are refused, `INVALID_ARGUMENT` for an address
 * or a key that cannot be used
 */
export async function connectTo(
  address: string | URL,
  options: ClientOptions,
  surroundings: ClientSurroundings,
): Promise<Client> {
  const client = new Client(urlOf(address), options, surroundings);
  await client.open(options.signal);
  return client;
}

function urlOf(address: string | URL): URL {
  if (URL.canParse(String(address))) return new URL(address);
  // The text is not shown: it may hold a password.
  const message = "this is no address; expected one such as tcp://127.0.0.1:7000";
  throw new SealwireError("INVALID_ARGUMENT", message);
}
