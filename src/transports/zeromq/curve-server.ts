import { equalBytes } from "../../bytes/equal.ts";
import { join } from "../../bytes/join.ts";
import { Reader } from "../../bytes/reader.ts";
import { KEY_BYTES, TAG_BYTES } from "../../crypto/provider.ts";
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

/** Bytes of `HELLO` behind its name: version, zeros, C', nonce, box. */
const HELLO_BYTES = 194;
const HELLO_PADDING_BYTES = 72;
const HELLO_PROOF_BYTES = 64;
const COOKIE_BYTES = LONG_NONCE_BYTES + 2 * KEY_BYTES + TAG_BYTES;
const VOUCH_BYTES = COOKIE_BYTES;

/** What the server knows of one greeting, while it lasts. */
interface Greeting {
  readonly keys: CurveKeys;
  /** C', and what it and S agree on. */
  readonly theirs: Uint8Array;
  readonly helloKey: Uint8Array;
  /** S' with its secret. */
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
  readonly cookieKey: Uint8Array;
}

/**
 * The greeting of CURVE from the listening side (RFC 26). Names in comments are those of the RFC:
 * S and C last, S' and C' are of this connection. Whatever does not open ends it without a word,
 * as the RFC demands; a client that is not authorized is told status 400, as libzmq does.
 *
 * @throws `HANDSHAKE_FAILED`
 */
export async function greetAsCurveServer(
  path: HandshakePath,
  keys: CurveKeys,
): Promise<CurveSession> {
  const { crypto } = keys;
  const guard = new NonceGuard();
  const greeting = openHello(path, keys, guard, await path.command("HELLO"));
  path.tell(welcome(greeting));
  const key = crypto.boxKey(greeting.theirs, greeting.secretKey);
  const initiate = await path.command("INITIATE");
  const { remoteKey, metadata } = openInitiate(path, greeting, key, guard, initiate);
  greeting.secretKey.fill(0);
  checkPartner(path, "ROUTER", metadata);
  if (keys.authorize !== undefined && (await keys.authorize(remoteKey)) !== true) {
    throw path.refuse("400", "authorize does not let its key in");
  }
  const counter = new NonceCounter();
  const short = counter.next();
  const nonce = nonceOf("CurveZMQREADY---", short);
  path.tell(formatCommand("READY", short, crypto.sealBox(key, nonce, formatMetadata("ROUTER"))));
  return new CurveSession({ crypto, remoteKey, key, counter, guard, side: "server" });
}

/** C', and a box from C' to S: the client knows S. */
function openHello(
  path: HandshakePath,
  keys: CurveKeys,
  guard: NonceGuard,
  hello: Uint8Array,
): Greeting {
  if (hello.length !== HELLO_BYTES || hello[0] !== 1 || hello[1] !== 0) {
    throw greetingFailed(path.remote, "its HELLO is not of CURVE 1.0");
  }
  const { crypto } = keys;
  const fields = new Reader(hello.subarray(2 + HELLO_PADDING_BYTES));
  const theirs = fields.bytes(KEY_BYTES);
  const short = fields.bytes(SHORT_NONCE_BYTES);
  const helloKey = crypto.boxKey(theirs, keys.secretKey);
  const proof = crypto.openBox(helloKey, nonceOf("CurveZMQHELLO---", short), fields.rest());
  if (proof?.length !== HELLO_PROOF_BYTES) {
    throw greetingFailed(path.remote, "its HELLO does not open; does it know our public key?");
  }
  guard.pass(short);
  const secretKey = randomBytes(KEY_BYTES);
  const publicKey = crypto.publicKey(secretKey);
  const cookieKey = randomBytes(KEY_BYTES);
  return { keys, theirs, helloKey, publicKey, secretKey, cookieKey };
}

/** S' and a cookie, from S to C'. */
function welcome(greeting: Greeting): Uint8Array {
  const { keys, helloKey, publicKey, theirs, secretKey, cookieKey } = greeting;
  const { crypto } = keys;
  const cookieNonce = randomNonce("COOKIE--");
  const cookie = crypto.sealBox(cookieKey, cookieNonce, join([theirs, secretKey]));
  const nonce = randomNonce("WELCOME-");
  const content = join([publicKey, cookieNonce.subarray(-LONG_NONCE_BYTES), cookie]);
  const box = crypto.sealBox(helloKey, nonce, content);
  return formatCommand("WELCOME", nonce.subarray(-LONG_NONCE_BYTES), box);
}

/** The cookie, and from C' to S': C, its vouch, and what the client is. */
function openInitiate(
  path: HandshakePath,
  greeting: Greeting,
  key: Uint8Array,
  guard: NonceGuard,
  initiate: Uint8Array,
): { readonly remoteKey: Uint8Array; readonly metadata: Uint8Array } {
  const { crypto } = greeting.keys;
  const fields = new Reader(initiate);
  checkCookie(path, greeting, fields.bytes(COOKIE_BYTES));
  const short = fields.bytes(SHORT_NONCE_BYTES);
  const nonce = nonceOf("CurveZMQINITIATE", short);
  const opened = crypto.openBox(key, nonce, fields.rest());
  if (opened === undefined) throw greetingFailed(path.remote, "its INITIATE does not open");
  guard.pass(short);
  const content = new Reader(opened);
  // Copied: it is kept as long as the connection, what stands around it is not.
  const remoteKey = content.bytes(KEY_BYTES).slice();
  checkVouch(path, greeting, remoteKey, content.bytes(VOUCH_BYTES));
  return { remoteKey, metadata: content.rest() };
}

/** The cookie is ours, and of this greeting. */
function checkCookie(path: HandshakePath, greeting: Greeting, cookie: Uint8Array): void {
  const { keys, cookieKey, theirs, secretKey } = greeting;
  const nonce = nonceOf("COOKIE--", cookie.subarray(0, LONG_NONCE_BYTES));
  const opened = keys.crypto.openBox(cookieKey, nonce, cookie.subarray(LONG_NONCE_BYTES));
  if (opened !== undefined && equalBytes(opened, join([theirs, secretKey]))) return;
  throw greetingFailed(path.remote, "its cookie is not the one we gave");
}

/** C' and S from C to S': the client has C, and means us. */
function checkVouch(
  path: HandshakePath,
  { keys, theirs, secretKey }: Greeting,
  remoteKey: Uint8Array,
  vouch: Uint8Array,
): void {
  const { crypto, publicKey } = keys;
  const nonce = nonceOf("VOUCH---", vouch.subarray(0, LONG_NONCE_BYTES));
  const key = crypto.boxKey(remoteKey, secretKey);
  const opened = crypto.openBox(key, nonce, vouch.subarray(LONG_NONCE_BYTES));
  if (opened !== undefined && equalBytes(opened, join([theirs, publicKey]))) return;
  throw greetingFailed(path.remote, "nobody vouches for its key");
}
