import { describe, expect, it } from "vitest";
import { lockViolations } from "./lock.ts";

describe("lockViolations", () => {
  const tool = { optionalDependencies: { "tool-darwin": "1.0.0" } };

  it("finds the package of another platform that npm left out", () => {
    expect(lockViolations({ packages: { "node_modules/tool": tool } })).toEqual([
      "node_modules/tool wants tool-darwin, which is not locked: run scripts/complete-lock.js",
    ]);
  });

  it("accepts it beside the package or inside of it", () => {
    const beside = { "node_modules/tool": tool, "node_modules/tool-darwin": {} };
    const inside = { "node_modules/tool": tool, "node_modules/tool/node_modules/tool-darwin": {} };
    expect(lockViolations({ packages: beside })).toEqual([]);
    expect(lockViolations({ packages: inside })).toEqual([]);
  });

  it("finds a registry that others do not reach", () => {
    const packages = { "node_modules/a": { resolved: "http://10.0.0.1/a.tgz" } };
    expect(lockViolations({ packages })).toHaveLength(1);
  });
});
