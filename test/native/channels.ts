import type { Wire } from "../../src/core/contracts/dialect.ts";
import { generateKeyPair } from "../../src/crypto/keys.ts";
import { NoiseHandshake } from "../../src/crypto/noise.ts";
import { prologueOf } from "../../src/dialects/native/channel-keys.ts";
import { Greeting } from "../../src/dialects/native/greeting.ts";
import { NATIVE_PATTERNS } from "../../src/dialects/native/patterns.ts";
import {
  formatNoise,
  formatPreface,
  parseNoise,
  parsePreface,
} from "../../src/dialects/native/preface.ts";
import { RecordLayer } from "../../src/dialects/native/record.ts";
import { IDENTITY, PROVIDER } from "./greeting.ts";

const NOTHING = new Uint8Array(0);

/** Both layers of a sealed channel, for tests that say what no honest side would. */
export interface OpenChannel extends Pick<Greeting, "say" | "hear"> {
  readonly records: RecordLayer;
}

/** A channel to a server, by NK, as far as the keys: what is said inside is up to the test. */
export async function channelTo(
  wire: Wire,
  serverKey: Uint8Array = IDENTITY.publicKey,
  payload: Uint8Array = NOTHING,
): Promise<OpenChannel> {
  const preface = formatPreface("NK", NOTHING);
  const noise = new NoiseHandshake({
    ...{
      pattern: NATIVE_PATTERNS.NK,
      initiator: true,
      provider: PROVIDER,
      remoteStatic: serverKey,
    },
    prologue: prologueOf(preface, ""),
  });
  await wire.write(Uint8Array.of(...preface, ...(await noise.writeMessage(payload))));
  await noise.readMessage(parseNoise(await wire.read()));
  return opened(wire, noise);
}

/** A channel from a client that comes by XX, with keys that nobody knows. */
export async function channelFrom(wire: Wire): Promise<OpenChannel> {
  const { pattern, bytes, message } = parsePreface(await wire.read());
  const noise = new NoiseHandshake({
    ...{
      pattern: NATIVE_PATTERNS[pattern],
      initiator: false,
      provider: PROVIDER,
      prologue: prologueOf(bytes, ""),
    },
    staticKeys: await generateKeyPair(PROVIDER),
  });
  await noise.readMessage(message);
  await wire.write(formatNoise(await noise.writeMessage(NOTHING)));
  if (!noise.finished) await noise.readMessage(parseNoise(await wire.read()));
  return opened(wire, noise);
}

function opened(wire: Wire, noise: NoiseHandshake): OpenChannel {
  const { send, receive } = noise.split();
  const records = new RecordLayer(send, receive);
  const greeting = new Greeting(wire, records);
  return { records, say: (map) => greeting.say(map), hear: () => greeting.hear() };
}
