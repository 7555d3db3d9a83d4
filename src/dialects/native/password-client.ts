import { equalBytes } from "../../bytes/equal.ts";
import type { Credentials } from "../../core/model/credentials.ts";
import { SealwireError } from "../../core/model/errors.ts";
import type { NoiseResult } from "../../crypto/noise.ts";
import { type PakeClientLogin, startPakeClient } from "../../crypto/pake-client.ts";
import type { CryptoProvider } from "../../crypto/provider.ts";
import type { Greeting } from "./greeting.ts";
import type { GreetingMap } from "./greeting-fields.ts";
import { macOf, mixIn } from "./password-binding.ts";

/** The client's half. @throws `UNAUTHENTICATED` when user or password are wrong. */
export async function connectPassword(asking: {
  readonly greeting: Greeting;
  readonly map: GreetingMap;
  readonly credentials: Extract<Credentials, { readonly scheme: "password" }>;
  readonly keys: NoiseResult;
  readonly provider: CryptoProvider;
}): Promise<GreetingMap> {
  const { greeting, map, credentials, keys, provider } = asking;
  const { password, user = "" } = credentials;
  const client = await startPakeClient(password);
  await greeting.say({ ...map, scheme: "password", user, start: client.request });
  const finished = proven(client, greeting.bytes(await greeting.hear(), "response"));
  // The server is told that it did not work, so that it can count the attempt.
  if (!finished) await greeting.say({ finish: NOTHING, mac: NOTHING });
  else {
    const mac = macOf(provider, finished.sessionKey, "client", keys);
    await greeting.say({ finish: finished.message, mac });
  }
  const welcome = await greeting.hear();
  if (!finished) throw new SealwireError("UNAUTHENTICATED", "wrong user or password");
  const expected = macOf(provider, finished.sessionKey, "server", keys);
  if (!equalBytes(greeting.bytes(welcome, "mac"), expected)) throw betweenUs();
  mixIn(provider, finished.sessionKey, keys, true);
  return welcome;
}

function proven(client: PakeClientLogin, response: Uint8Array): PakeFinish | undefined {
  try {
    return client.finish(response);
  } catch (thrown) {
    if (SealwireError.from(thrown).code === "UNAUTHENTICATED") return undefined;
    throw thrown;
  }
}

type PakeFinish = ReturnType<PakeClientLogin["finish"]>;

const NOTHING = new Uint8Array(0);

function betweenUs(): SealwireError {
  return new SealwireError(
    "HANDSHAKE_FAILED",
    "the server knows the password but not this connection: somebody may stand between",
  );
}
