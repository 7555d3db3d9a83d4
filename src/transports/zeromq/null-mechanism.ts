import { formatCommand } from "./commands.ts";
import type { HandshakePath } from "./handshake-path.ts";
import { checkPartner, formatMetadata, type SocketType } from "./metadata.ts";

/**
 * The mechanism without any protection (RFC 37, section 3.5): both sides say what they are, and
 * neither waits for the other before it does.
 */
export async function greetWithNull(path: HandshakePath, own: SocketType): Promise<void> {
  path.tell(formatCommand("READY", formatMetadata(own)));
  checkPartner(path, own, await path.command("READY"));
}
