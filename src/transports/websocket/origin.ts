/**
 * Whether a page may connect. Browsers let any page open WebSockets to any host, this machine and
 * its private network included, but say truly where the page is from (RFC 6455 section 10.2);
 * programs that are no browsers send no origin.
 */
export function originAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[] | "any",
): boolean {
  if (origin === undefined || allowed === "any" || allowed.includes(origin)) return true;
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  const own = `${page.protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === page.host && page.host !== "";
}
