import type { Message } from "../../src/core/model/message.ts";
import { CipherState } from "../../src/crypto/cipher-state.ts";
import { type NativeOptions, nativeSettings } from "../../src/dialects/native/options.ts";
import { Packing } from "../../src/dialects/native/packing.ts";
import { RecordLayer } from "../../src/dialects/native/record.ts";
import { NativeSession, type NativeSessionParts } from "../../src/dialects/native/session.ts";
import { fixedKeys, PROVIDER } from "./greeting.ts";
import type { Side } from "./wires.ts";

/** The records of one side, with keys of no greeting: the client's sends with the key `there`. */
export function recordsOf(side: Side, paddingBytes = 0): RecordLayer {
  const there = new CipherState(PROVIDER, fixedKeys("there").secretKey);
  const back = new CipherState(PROVIDER, fixedKeys("back").secretKey);
  const [send, receive] = side === "client" ? [there, back] : [back, there];
  return new RecordLayer(send, receive, paddingBytes);
}

/** A session without a greeting, whose frames have at most 64 KiB. */
export function sessionOf(
  side: Side,
  options: Partial<NativeOptions> = {},
  more: Partial<NativeSessionParts> = {},
): NativeSession {
  const settings = nativeSettings({ crypto: PROVIDER, ...options });
  return new NativeSession({
    records: recordsOf(side, settings.paddingBytes),
    settings,
    connected: side === "client",
    binding: new Uint8Array(32),
    about: {},
    maxSendBytes: 65_536,
    maxReceiveBytes: 65_536,
    packing: options.compression && new Packing(options.compression, settings, settings.codecs()),
    ...more,
  });
}

/** What arrives of a batch. */
export function carried(
  batch: readonly Message[],
  from: NativeSession = sessionOf("client"),
  to: NativeSession = sessionOf("server"),
): readonly Message[] {
  return from.encode(batch).flatMap((frame) => to.decode(frame.slice()));
}
