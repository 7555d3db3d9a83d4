import { describe, expect, it } from "vitest";
import { measureBundle } from "./browser-size.ts";
import { root } from "./packed.ts";

/** What a page may have to load for everything the browser entry offers. */
const MAX_ENTRY_BYTES = 35_000;

describe("the browser entry", () => {
  it("stays within its size after gzip, without what is loaded only when needed", async () => {
    const whole = await measureBundle(`export * from "sealwire";`, root);
    const connectOnly = await measureBundle(`export { connect } from "sealwire";`, root);
    console.log(
      [
        `browser entry: ${whole.entryBytes} of ${MAX_ENTRY_BYTES} bytes`,
        `connect alone: ${connectOnly.entryBytes} bytes`,
        ...whole.lazy.map(({ name, bytes }) => `when needed: ${bytes} bytes of ${name}`),
      ].join("\n"),
    );
    expect(whole.entryBytes).toBeGreaterThan(1_000);
    expect(whole.entryBytes).toBeLessThanOrEqual(MAX_ENTRY_BYTES);
  });
});

describe("measureBundle", () => {
  it("counts a static import and lists a dynamic one apart", async () => {
    const folder = new URL(".", import.meta.url).pathname;
    const { entryBytes, lazy } = await measureBundle(
      `import pc from "picocolors/picocolors.browser.js"; console.log(pc);
       export const late = () => import("fflate");`,
      folder,
    );
    expect(entryBytes).toBeLessThan(5_000);
    expect(lazy).toHaveLength(1);
    expect(lazy[0]?.name).toMatch(/fflate/);
    expect(lazy[0]?.bytes).toBeGreaterThan(5_000);
  });
});
