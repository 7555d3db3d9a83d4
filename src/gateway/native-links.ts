import { SealwireError } from "../core/model/errors.ts";
import type { CryptoProvider } from "../crypto/provider.ts";
import { nodeCrypto } from "../crypto/providers/best.node.ts";
import { native } from "../dialects/native/index.ts";
import { udpNetwork } from "../transports/udp/bind.ts";
import type { LinkOpener } from "./link.ts";
import { NativeLink } from "./native-link.ts";

/**
 * Links to servers of ours that listen at `udp://…` and hold the key as their shared secret: the
 * native dialect over UDP. A message is a call of the procedure `message` with its bytes, whichever
 * side sends it; the answer is its acknowledgement.
 */
export function nativeLinks(): LinkOpener {
  let crypto: Promise<CryptoProvider> | undefined;
  return async ({ bind, remote, secret, onState }) => {
    if (secret === undefined) {
      const message = "links of mode udp always prove the key; give encryption_key";
      throw new SealwireError("INVALID_ARGUMENT", message);
    }
    crypto ??= nodeCrypto();
    const dialect = native({ crypto: await crypto });
    const endpoint = udpNetwork().bind(bind);
    const link = new NativeLink({ endpoint, dialect, remote, secret, onState });
    void link.run();
    return link;
  };
}
