import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/**
 * Starts the browser of this machine, without a window.
 *
 * @throws Error when there is none, with the command that installs it
 */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    // Containers give the browser neither its sandbox nor a large shared memory.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
}

function findChromium(): string {
  const named = process.env["SEALWIRE_CHROMIUM"];
  const places = named ? [named] : ["/usr/bin/chromium", "/usr/bin/google-chrome"];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new Error(
    `there is no browser at ${places.join(" or ")}: run node scripts/set-up.js, ` +
      "or name one by SEALWIRE_CHROMIUM",
  );
}
