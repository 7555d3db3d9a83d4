import { join } from "../../bytes/join.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { KEY_BYTES } from "../../crypto/provider.ts";
import { randomBytes } from "../../crypto/random.ts";
import { formatCommand } from "./commands.ts";
import {
  LONG_NONCE_BYTES,
  NonceCounter,
  NonceGuard,
  nonceOf,
  randomNonce,
  SHORT_NONCE_BYTES,
} from "./curve-nonces.ts";
import { CurveSession } from "./curve-record.ts";
import { greetingFailed } from "./failures.ts";
import type { HandshakePath } from "./handshake-path.ts";
import { checkPartner, formatMetadata } from "./metadata.ts";
import type { CurveKeys } from "./options.ts";

/** Version 1.0, and zeros that make this command longer than its answer (RFC 26). */
const HELLO_HEAD_BYTES = 74;
const HELLO_PROOF_BYTES = 64;

/**
 * The greeting of CURVE from the connecting side (RFC 26): `HELLO`, `WELCOME`, `INITIATE`, `READY`.
 * Names in comments are those of the RFC: S and C last, S' and C' are of this connection.
 *
 * @throws `HANDSHAKE_FAILED` when the server has not the key it is known by
 */
export async function greetAsCurveClient(
  path: HandshakePath,
  keys: CurveKeys,
): Promise<CurveSession> {
  const { crypto, serverKey } = keys;
  if (serverKey === undefined) throw new SealwireError("INTERNAL", "no key of the server is known");
  const counter = new NonceCounter();
  const secretKey = randomBytes(KEY_BYTES);
  const own = { publicKey: crypto.publicKey(secretKey), secretKey };
  const helloKey = crypto.boxKey(serverKey, secretKey);
  path.tell(hello(keys, own.publicKey, helloKey, counter));
  const { theirs, cookie } = openWelcome(path, keys, helloKey, await path.command("WELCOME"));
  const key = crypto.boxKey(theirs, secretKey);
  secretKey.fill(0);
  const vouch = vouchFor(keys, own.publicKey, serverKey, theirs);
  path.tell(initiate(keys, cookie, vouch, key, counter));
  const guard = new NonceGuard();
  openReady(path, keys, key, guard, await path.command("READY"));
  return new CurveSession({ crypto, remoteKey: serverKey, key, counter, guard, side: "client" });
}

/** C', and a box from C' to S that only who knows S can have made. */
function hello(
  { crypto }: CurveKeys,
  publicKey: Uint8Array,
  key: Uint8Array,
  counter: NonceCounter,
): Uint8Array {
  const short = counter.next();
  const head = new Uint8Array(HELLO_HEAD_BYTES);
  head[0] = 1;
  const proof = new Uint8Array(HELLO_PROOF_BYTES);
  const box = crypto.sealBox(key, nonceOf("CurveZMQHELLO---", short), proof);
  return formatCommand("HELLO", head, publicKey, short, box);
}

/** S' and the server's cookie, from S to C': who opens it knows that the server has S. */
function openWelcome(
  path: HandshakePath,
  { crypto }: CurveKeys,
  key: Uint8Array,
  welcome: Uint8Array,
): { readonly theirs: Uint8Array; readonly cookie: Uint8Array } {
  const nonce = nonceOf("WELCOME-", welcome.subarray(0, LONG_NONCE_BYTES));
  const opened = crypto.openBox(key, nonce, welcome.subarray(LONG_NONCE_BYTES));
  if (opened?.length !== KEY_BYTES + COOKIE_BYTES) {
    throw greetingFailed(path.remote, "it does not have the key that the server is known by");
  }
  return { theirs: opened.subarray(0, KEY_BYTES), cookie: opened.subarray(KEY_BYTES) };
}

/** Nonce, C' and s', and a tag. */
const COOKIE_BYTES = 96;

/** C' and S from C to S': this connection's key is indeed C's, and meant for S. */
function vouchFor(
  { crypto, secretKey }: CurveKeys,
  publicKey: Uint8Array,
  serverKey: Uint8Array,
  theirs: Uint8Array,
): Uint8Array {
  const nonce = randomNonce("VOUCH---");
  const key = crypto.boxKey(theirs, secretKey);
  const box = crypto.sealBox(key, nonce, join([publicKey, serverKey]));
  return join([nonce.subarray(-LONG_NONCE_BYTES), box]);
}

/** The cookie back, and from C' to S': C, the vouch, and what we are. */
function initiate(
  { crypto, publicKey }: CurveKeys,
  cookie: Uint8Array,
  vouch: Uint8Array,
  key: Uint8Array,
  counter: NonceCounter,
): Uint8Array {
  const short = counter.next();
  const content = join([publicKey, vouch, formatMetadata("DEALER")]);
  const box = crypto.sealBox(key, nonceOf("CurveZMQINITIATE", short), content);
  return formatCommand("INITIATE", cookie, short, box);
}

/** What the server is, from S' to C'. */
function openReady(
  path: HandshakePath,
  { crypto }: CurveKeys,
  key: Uint8Array,
  guard: NonceGuard,
  ready: Uint8Array,
): void {
  const short = ready.subarray(0, SHORT_NONCE_BYTES);
  const nonce = nonceOf("CurveZMQREADY---", short);
  const metadata = crypto.openBox(key, nonce, ready.subarray(SHORT_NONCE_BYTES));
  if (metadata === undefined) {
    throw greetingFailed(path.remote, "its last box does not open: somebody changed it");
  }
  guard.pass(short);
  checkPartner(path, "DEALER", metadata);
}
