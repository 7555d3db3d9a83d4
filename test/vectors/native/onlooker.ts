import { msgpackCodec } from "../../../src/codecs/msgpack.ts";
import { NoiseHandshake } from "../../../src/crypto/noise.ts";
import { apiKeyPair } from "../../../src/crypto/api-key-text.ts";
import type { KeyPair } from "../../../src/crypto/keys.ts";
import { secretKey } from "../../../src/crypto/secret-strength.ts";
import { prologueOf } from "../../../src/dialects/native/channel-keys.ts";
import { NATIVE_PATTERNS } from "../../../src/dialects/native/patterns.ts";
import { parsePreface } from "../../../src/dialects/native/preface.ts";
import { RecordLayer } from "../../../src/dialects/native/record.ts";
import { IDENTITY, PROVIDER } from "../../native/greeting.ts";
import type { Side, WrittenFrame } from "../../native/wires.ts";
import { FIXED, type Recording } from "./exchange.ts";

const NOTHING = new Uint8Array(0);

/** The client's static keys and the pre-shared key of a recording. */
export async function clientKeys(
  { credentials }: Recording,
): Promise<{ readonly staticKeys?: KeyPair; readonly psk?: Uint8Array }> {
  if (credentials.scheme === "secret") return { psk: secretKey(credentials.secret, PROVIDER) };
  if (credentials.scheme === "api-key") {
    return { staticKeys: await apiKeyPair(credentials.key, "sealwire", PROVIDER) };
  }
  if (credentials.scheme !== "key-pair") return {};
  const { secretKey: secret } = credentials;
  return { staticKeys: { secretKey: secret, publicKey: await PROVIDER.publicKey(secret) } };
}

/**
 * Somebody who knows the keys of both sides: the maps of a greeting, in the order of its frames;
 * `undefined` for frames of the handshake.
 */
export async function mapsOf(
  recording: Recording,
  greeting: readonly WrittenFrame[],
): Promise<readonly unknown[]> {
  const { client, server } = await bothEnds(recording, greeting);
  const codec = msgpackCodec();
  const later = greeting.slice(-2);
  const maps = later.map(({ from, bytes }) => {
    const opener: Record<Side, RecordLayer> = { client: server, server: client };
    return codec.decode(opener[from].open(bytes.slice()).content);
  });
  return [...greeting.slice(0, -2).map(() => undefined), ...maps];
}

async function bothEnds(recording: Recording, greeting: readonly WrittenFrame[]) {
  const { bytes, message, pattern } = parsePreface(greeting[0]?.bytes ?? NOTHING);
  const prologue = prologueOf(bytes, recording.client?.application ?? "");
  const { staticKeys, psk } = await clientKeys(recording);
  const known = pattern === "NK" || pattern === "XK";
  const common = { pattern: NATIVE_PATTERNS[pattern], prologue, provider: PROVIDER, psks: psk && [psk] };
  const client = new NoiseHandshake({
    ...{ ...common, initiator: true, staticKeys, ephemeralKeys: FIXED.client },
    remoteStatic: known ? IDENTITY.publicKey : undefined,
  });
  const server = new NoiseHandshake({
    ...{ ...common, initiator: false, ephemeralKeys: FIXED.server },
    staticKeys: psk ? undefined : IDENTITY,
  });
  await client.writeMessage(NOTHING);
  await server.readMessage(message);
  await client.readMessage(await server.writeMessage(NOTHING));
  if (!client.finished) await server.readMessage(await client.writeMessage(NOTHING));
  const layer = ({ send, receive }: ReturnType<NoiseHandshake["split"]>) =>
    new RecordLayer(send, receive);
  return { client: layer(client.split()), server: layer(server.split()) };
}
