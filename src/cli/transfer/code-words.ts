import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { hkdf } from "../../crypto/derive.ts";
import { nodeCryptoProvider } from "../../crypto/providers/node.node.ts";
import { randomBytes } from "../../crypto/random.ts";
import { misused } from "../failures.ts";

/** 128 bits: whoever tries codes never comes to an end. */
const ENTROPY_BYTES = 16;
const WORDS = 12;

/** A code for people to pass on, and the key that it stands for. */
export interface Code {
  /** Twelve words of the English list of BIP-39; the last one holds a checksum. */
  readonly words: string;
  readonly key: Uint8Array;
}

/** A fresh code. */
export function newCode(): Code {
  const entropy = randomBytes(ENTROPY_BYTES);
  return { words: entropyToMnemonic(entropy, [...wordlist]), key: keyOf(entropy) };
}

/** Reads a code in any case and with any blanks or dashes. @throws `INVALID_ARGUMENT` */
export function readCode(text: string): Code {
  const words = text
    .toLowerCase()
    .split(/[\s-]+/)
    .filter((word) => word !== "");
  if (words.length !== WORDS)
    throw misused(`the code has ${words.length} words; expected ${WORDS}`);
  const unknown = words.findIndex((word) => !wordlist.includes(word));
  // Which word it is may be told; what it is may not.
  if (unknown >= 0) throw misused(`word ${unknown + 1} of the code is none of the list; a typo?`);
  try {
    const joined = words.join(" ");
    return { words: joined, key: keyOf(mnemonicToEntropy(joined, [...wordlist])) };
  } catch {
    throw misused("the words of the code do not belong together; is one wrong, or their order?");
  }
}

/** Half of it would do; the other half keeps it from looking like something thought up. */
function keyOf(entropy: Uint8Array): Uint8Array {
  return hkdf(nodeCryptoProvider(), { key: entropy, info: "sealwire/code/v1" });
}
