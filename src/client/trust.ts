import { equalBytes } from "../bytes/equal.ts";
import { SealwireError } from "../core/model/errors.ts";

/** Remembers by which key a server was seen, as a known-hosts file does. */
export interface KnownServers {
  /** Where they are kept, told to people when a key has changed. */
  readonly place?: string;
  /** The keys under which a server is known; empty when it was never seen. */
  find(server: URL): Promise<readonly Uint8Array[]>;
  /** Judges a key at first sight, and keeps it if it is accepted. */
  accept(server: URL, key: Uint8Array): Promise<boolean>;
}

/** What a client knows about the key of one server. */
export interface Trust {
  readonly serverKeys: readonly Uint8Array[];
  trusts(remoteKey: Uint8Array): Promise<boolean>;
}

/**
 * Pinned keys, or those remembered, or a first sight.
 *
 * @throws in `trusts`: `HANDSHAKE_FAILED` that says what to do when the key is another or unknown
 */
export async function trustFor(
  server: URL,
  pinned: readonly Uint8Array[],
  known: KnownServers | undefined,
): Promise<Trust> {
  const serverKeys = pinned.length > 0 ? pinned : ((await known?.find(server)) ?? []);
  const place = pinned.length > 0 ? undefined : (known?.place ?? "");
  return {
    serverKeys,
    async trusts(remoteKey) {
      if (serverKeys.some((key) => equalBytes(key, remoteKey))) return true;
      if (serverKeys.length > 0) throw otherKey(server, place);
      if (await known?.accept(server, remoteKey)) return true;
      throw unknownKey(server);
    },
  };
}

/** Whether an error says that a server could not show the key it should have. */
export function isKeyProblem(error: SealwireError): boolean {
  return error.code === "HANDSHAKE_FAILED" && error.details === KEY_PROBLEM;
}

const KEY_PROBLEM = "server-key";

/** `place` is where keys are remembered; `undefined` when the key was pinned. */
function otherKey(server: URL, place: string | undefined): SealwireError {
  const source = place === undefined ? "the pin" : "the key remembered from earlier";
  const remedy = place ? `; if it has, remove its entry from ${place}` : "";
  return new SealwireError(
    "HANDSHAKE_FAILED",
    `${server.host} shows another key than ${source}: ` +
      `it has a new one, or somebody stands between${remedy}`,
    { details: KEY_PROBLEM },
  );
}

function unknownKey(server: URL): SealwireError {
  return new SealwireError(
    "HANDSHAKE_FAILED",
    `the key of ${server.host} is unknown: give its fingerprint as pin, or accept it at first sight`,
    { details: KEY_PROBLEM },
  );
}
