import { join } from "../../bytes/join.ts";
import { Reader } from "../../bytes/reader.ts";
import { Writer } from "../../bytes/writer.ts";
import { asciiBytes, commandName } from "./commands.ts";
import { printable, violation } from "./failures.ts";
import type { HandshakePath } from "./handshake-path.ts";

/** The kinds of sockets that speak with each other here. */
export type SocketType = "DEALER" | "ROUTER";

/** What each of ours may speak with (RFC 28); the others are publishers, pipelines, pairs. */
const PARTNERS: Readonly<Record<SocketType, readonly string[]>> = Object.freeze({
  DEALER: Object.freeze(["REP", "DEALER", "ROUTER"]),
  ROUTER: Object.freeze(["REQ", "DEALER", "ROUTER"]),
});

/** More properties than this say nothing that we could want to know. */
const MAX_PROPERTIES = 64;

/** What we say of ourselves: the kind of socket and, as libzmq does, an empty identity. */
export function formatMetadata(socketType: SocketType): Uint8Array {
  return join([property("Socket-Type", asciiBytes(socketType)), property("Identity")]);
}

/**
 * Refuses peers that are no partners of ours, such as publishers, and tells them.
 *
 * @throws `HANDSHAKE_FAILED`; `PROTOCOL_VIOLATION` when the metadata is malformed
 */
export function checkPartner(path: HandshakePath, own: SocketType, metadata: Uint8Array): void {
  const theirs = socketTypeIn(metadata);
  if (PARTNERS[own].includes(theirs)) return;
  const why = `its socket is a ${theirs}, ${own} speaks with ${PARTNERS[own].join(", ")}`;
  throw path.refuse("Invalid socket type", why);
}

/**
 * The `Socket-Type` among a peer's properties. Names are the same in both cases of letters.
 *
 * @throws `PROTOCOL_VIOLATION` when properties are cut off, too many, or this one is not there once
 */
export function socketTypeIn(metadata: Uint8Array): string {
  const fields = new Reader(metadata);
  let found: string | undefined;
  for (let count = 0; fields.remaining > 0; count++) {
    const name = printable(fields.bytes(fields.uint8()));
    const value = fields.bytes(fields.uint32());
    const wanted = name.toLowerCase() === "socket-type";
    if (count >= MAX_PROPERTIES || (wanted && found !== undefined)) {
      throw violation("properties without end or twice", `each once, ${MAX_PROPERTIES} at most`);
    }
    if (wanted) found = printable(value);
  }
  if (found === undefined) throw violation("no Socket-Type among the properties", "one");
  return found;
}

function property(name: string, value: Uint8Array = new Uint8Array(0)): Uint8Array {
  const length = new Writer({ initialBytes: 4 }).uint32(value.length).finish();
  return join([commandName(name), length, value]);
}
