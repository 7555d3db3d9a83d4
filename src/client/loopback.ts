/** Whether nobody but this machine hears what is said there. */
export function isLoopback(server: URL): boolean {
  const name = server.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return name === "localhost" || name === "::1" || /^127\.\d+\.\d+\.\d+$/.test(name);
}
