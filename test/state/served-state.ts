import { onTestFinished } from "vitest";
import { webCrypto } from "../../src/crypto/providers/web.ts";
import { native } from "../../src/dialects/native/index.ts";
import {
  type SharedState,
  type SharedStateOptions,
  sharedState,
} from "../../src/features/shared-state/index.ts";
import {
  type PairOptions,
  type ServerAndClient,
  serverAndClient,
} from "../../src/testing/server-and-client.ts";

/** A server that shares its variables, and a client of it; they end with the test. */
export async function servedState(
  options: SharedStateOptions = {},
  pairOptions: Pick<PairOptions, "server" | "client"> = {},
): Promise<{ readonly pair: ServerAndClient; readonly state: SharedState }> {
  const installed: SharedState[] = [];
  const pair = await serverAndClient({
    ...pairOptions,
    dialect: native({ crypto: webCrypto() }),
    register: (server) => void installed.push(server.install(sharedState(options))),
  });
  onTestFinished(() => pair.close());
  const [state] = installed;
  if (!state) throw new Error("nothing was registered");
  return { pair, state };
}
