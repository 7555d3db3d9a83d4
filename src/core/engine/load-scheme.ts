import type { LoadableSchemes, Scheme } from "../contracts/platform.ts";

/** What the scheme of an address stands for, loaded; `undefined` where nobody knows it. */
export async function loadScheme(
  address: URL,
  schemes: LoadableSchemes,
): Promise<Scheme | undefined> {
  const scheme = schemes[address.protocol.slice(0, -1)];
  return scheme && "load" in scheme ? scheme.load() : scheme;
}
