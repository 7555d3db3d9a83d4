import type { TestProjectConfiguration, ViteUserConfig } from "vitest/config";

/** One project for each layer of tests, so that each can be run by its name. */
const config: ViteUserConfig = {
  test: {
    passWithNoTests: true,
    // Two cores are what the tests may count on; more only makes the clock-bound ones late.
    maxWorkers: 2,
    projects: [
      project(
        "unit",
        ["src/**/*.test.ts", "test/*.test.ts", "test/architecture/**/*.test.ts"],
        20_000,
      ),
      project("conformance", ["test/conformance/**/*.test.ts"], 20_000),
      project("simulated", ["test/simulated/**/*.test.ts"], 20_000),
      project(
        "cli",
        ["test/cli/**/*.test.ts", "test/examples/**/*.test.ts", "test/sync/**/*.test.ts"],
        60_000,
      ),
      project("package", ["test/package/**/*.test.ts"], 180_000),
      project("types", ["test/types/**/*.test.ts"], 120_000),
      project(
        "faults",
        ["faults", "natlab", "udp", "srmudp", "cluster"].map(
          (folder) => `test/${folder}/**/*.test.ts`,
        ),
        240_000,
      ),
      project("interop", ["test/interop/**/*.test.ts"], 60_000),
      project("browser", ["test/browser/**/*.test.ts"], 60_000),
    ],
  },
};

export default config;

function project(
  name: string,
  include: readonly string[],
  timeoutMs: number,
): TestProjectConfiguration {
  return {
    extends: true,
    test: {
      name,
      include: [...include],
      environment: "node",
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
    },
  };
}
