/** Whether an address means Sealwire's own language, in which servers show a key of their own. */
export function isNative({ protocol }: URL): boolean {
  return NATIVE.has(protocol);
}

const NATIVE: ReadonlySet<string> = new Set(["tcp:", "tls:", "ws:", "wss:", "udp:"]);
