import { SealwireError } from "../core/model/errors.ts";
import { BOX_NONCE_BYTES } from "./box.ts";
import { checkKey } from "./lengths.ts";

/** @throws `INVALID_ARGUMENT` unless key and nonce have their lengths */
export function checkBox(key: Uint8Array, nonce: Uint8Array): void {
  checkKey(key, "the key of a box");
  if (nonce.length !== BOX_NONCE_BYTES) {
    throw new SealwireError(
      "INVALID_ARGUMENT",
      `the nonce of a box has ${nonce.length} bytes; it must have ${BOX_NONCE_BYTES}`,
    );
  }
}
