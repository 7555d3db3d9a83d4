import { describe, expect, it } from "vitest";
import { measureBundle } from "./browser-size.ts";
import { root } from "./packed.ts";

/** What a page may have to load before it can call a server. */
const MAX_ENTRY_BYTES = 35_000;

describe("the browser entry", () => {
  it("stays within its size after gzip, without what is loaded only when needed", async () => {
    const whole = await measureBundle(`export * from "sealwire";`, root);
    const connect = await measureBundle(`export { connect } from "sealwire";`, root);
    console.log(
      [
        `connect: ${connect.entryBytes} of ${MAX_ENTRY_BYTES} bytes`,
        `with everything the entry offers: ${whole.entryBytes} bytes`,
        ...connect.heaviest.map(({ name, bytes }) => `${bytes} bytes before gzip of ${name}`),
        ...connect.lazy.map(({ name, bytes }) => `when needed: ${bytes} bytes of ${name}`),
      ].join("\n"),
    );
    expect(connect.entryBytes).toBeGreaterThan(1_000);
    expect(connect.entryBytes).toBeLessThanOrEqual(MAX_ENTRY_BYTES);
  });

  it("brings compression only to those who ask for it", async () => {
    const without = await measureBundle(`export { connect } from "sealwire";`, root);
    const asked = await measureBundle(`export { connect, deflate } from "sealwire";`, root);
    expect(asked.entryBytes - without.entryBytes).toBeGreaterThan(2_000);
    expect(without.heaviest.map(({ name }) => name).join()).not.toContain("fflate");
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
