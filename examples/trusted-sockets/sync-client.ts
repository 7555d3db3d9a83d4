import { connectSync } from "sealwire/sync";

/** What is called. */
interface Api {
  greet(name: unknown): string;
}

/** Calls that block until their answer is there, each on a connection of its own. */
export function callWithoutWaiting(
  url: string,
  credentials: { readonly scheme: "password"; readonly password: string },
  tellConnected: () => void,
): void {
  const once = (name: unknown): string => {
    using client = connectSync<Api>(url, { credentials });
    tellConnected();
    return client.greet(name);
  };
  console.log("Sync 'greet' result:", once("Bob"));
  try {
    once(12345);
  } catch (error) {
    console.log("Sync error test successful:", error instanceof Error ? error.message : error);
  }
}
