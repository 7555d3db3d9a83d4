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
  const client = new Client(new URL(address), options, surroundings);
  await client.open(options.signal);
  return client;
}
