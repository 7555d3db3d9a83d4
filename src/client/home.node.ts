import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The folder where Sealwire keeps what outlives a program: `$SEALWIRE_HOME`, else `sealwire` below
 * `$XDG_CONFIG_HOME` or `~/.config` (XDG Base Directory Specification 0.8).
 */
export function sealwireHome(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const { SEALWIRE_HOME, XDG_CONFIG_HOME } = env;
  if (SEALWIRE_HOME) return SEALWIRE_HOME;
  return join(XDG_CONFIG_HOME || join(homedir(), ".config"), "sealwire");
}
