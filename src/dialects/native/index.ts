import { createPakeSetup, falseRecord } from "../../crypto/pake.ts";
import { acceptNative } from "./accept.ts";
import { connectingSide, type NativeDialect, nativeParts, once } from "./connecting-side.ts";
import { FramePool } from "./frame-pool.ts";
import { nativeFraming } from "./framing.ts";
import type { NativeOptions } from "./options.ts";
import { recognizesPreface, sessionIn } from "./preface.ts";

export type { NativeDialect } from "./connecting-side.ts";
export type { NativeOptions } from "./options.ts";

/**
 * Sealwire's own language: Noise for the greeting, msgpack batches in sealed records, everything
 * that the model can say. Specified in `docs/dialects/native.md`.
 *
 * @throws `INVALID_ARGUMENT` for an option outside its bounds
 */
export function native(options: NativeOptions): NativeDialect {
  const parts = nativeParts(options, new FramePool());
  const { settings, pool, provider, identity } = parts;
  const setup = once(createPakeSetup);
  const falseRecordOf = async (user: string) => falseRecord(user, await setup());
  return {
    ...connectingSide(parts),
    recognizes: recognizesPreface,
    sessionIn,
    framing: nativeFraming,
    accept: async (wire, acceptor) => {
      const keys = { provider: await provider(), identity: await identity() };
      return acceptNative(wire, acceptor, { ...keys, settings, pool, falseRecordOf });
    },
  };
}
