import { encodeHex } from "../../../src/bytes/text.ts";
import { parsePreface } from "../../../src/dialects/native/preface.ts";
import { IDENTITY } from "../../native/greeting.ts";
import type { Side } from "../../native/wires.ts";
import { FIXED, type Recording, run } from "./exchange.ts";
import { clientKeys, mapsOf } from "./onlooker.ts";
import { writeValue } from "./written-values.ts";

/** A recording as it stands in its file; bytes are hexadecimal. */
export interface Vector {
  readonly about: string;
  readonly pattern: string;
  readonly application: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly greeting: readonly {
    readonly from: Side;
    readonly what: string;
    readonly frame: string;
    readonly map?: unknown;
  }[];
  readonly binding: string;
  readonly turns: readonly {
    readonly from: Side;
    readonly messages: unknown;
    readonly frames: readonly string[];
  }[];
}

/** Makes the recording anew. */
export async function makeVector(recording: Recording): Promise<Vector> {
  const { binding, greeting, turns } = await run(recording);
  const maps = await mapsOf(recording, greeting);
  const { pattern } = parsePreface(greeting[0]?.bytes ?? new Uint8Array(0));
  const { staticKeys, psk } = await clientKeys(recording);
  return {
    about: recording.about,
    pattern,
    application: recording.client?.application ?? "",
    keys: {
      ...(psk === undefined && { serverStaticSecret: encodeHex(IDENTITY.secretKey) }),
      serverEphemeralSecret: encodeHex(FIXED.server.secretKey),
      clientEphemeralSecret: encodeHex(FIXED.client.secretKey),
      ...(staticKeys && { clientStaticSecret: encodeHex(staticKeys.secretKey) }),
      ...(psk && { psk: encodeHex(psk), hintNonce: encodeHex(FIXED.hintNonce) }),
    },
    greeting: greeting.map(({ from, bytes }, i) => ({
      from,
      what: maps[i] ? "record" : i === 0 ? "preface and handshake message" : "handshake message",
      frame: encodeHex(bytes),
      ...(maps[i] !== undefined && { map: writeValue(maps[i]) }),
    })),
    binding: encodeHex(binding),
    turns: turns.map(({ from, messages, frames }) => ({
      ...{ from, messages: writeValue(messages) },
      frames: frames.map(encodeHex),
    })),
  };
}
