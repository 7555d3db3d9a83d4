/**
 * `npm test`: every test, on this Node and on the newer ones. Everything runs even when something
 * before it failed; the table at the end says what did.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setUp } from "./set-up.js";

/** What needs no system part and no build, so that it is repeated on each Node. */
const FAST = ["unit", "conformance", "simulated"];
/** What uses sockets, timers and streams, on the Node between the oldest and the newest. */
const BETWEEN = ["conformance", "simulated"];
const COMMAND_LINE = ["cli"];
const SLOW = ["package", "types", "faults", "interop", "browser"];

const root = fileURLToPath(new URL("..", import.meta.url));
const reports = mkdtempSync(join(tmpdir(), "sealwire-test-"));

/** @typedef {{ name: string, passed: number, failed: number, skipped: readonly string[],
 *   seconds: number }} Run */

try {
  process.exitCode = main();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}\n`);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
} finally {
  rmSync(reports, { recursive: true, force: true });
}

/** @returns {number} the exit code */
function main() {
  const { chromium, nodes, notes } = setUp();
  const env = { ...process.env, SEALWIRE_CHROMIUM: chromium };
  const here = { name: `node ${process.versions.node.split(".")[0]}`, binary: process.execPath };
  /** @type {Run[]} */
  const runs = [
    step("build", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"]),
    step("lint", ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."]),
    step("types", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"]),
    vitest(here, FAST, env),
    vitest(here, COMMAND_LINE, env),
    vitest(here, SLOW, env),
    // Processes take their time: on newer Nodes the package's own tests start it.
    ...nodes.map((node, at) => vitest(node, at < nodes.length - 1 ? BETWEEN : FAST, env)),
  ];
  return report(runs, notes);
}

/** @param {string} name @param {readonly string[]} args @returns {Run} */
function step(name, args) {
  const { ok, seconds } = run(name, process.execPath, args, process.env);
  return { name, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: [], seconds };
}

/**
 * @param {{ name: string, binary: string }} node
 * @param {readonly string[]} projects
 * @param {NodeJS.ProcessEnv} env
 * @returns {Run}
 */
function vitest(node, projects, env) {
  const name = `${node.name}: ${projects.join(", ")}`;
  const file = join(reports, `${name.replace(/\W+/g, "-")}.json`);
  const { ok, seconds } = run(
    name,
    node.binary,
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      ...projects.flatMap((project) => ["--project", project]),
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${file}`,
    ],
    env,
  );
  return { name, ...count(file, ok), seconds };
}

/**
 * A run that fails without a failed test (a file that does not load, an error nobody caught)
 * counts as one failure.
 *
 * @param {string} file
 * @param {boolean} ok
 */
function count(file, ok) {
  if (!existsSync(file)) return { passed: 0, failed: ok ? 0 : 1, skipped: [] };
  const report = JSON.parse(readFileSync(file, "utf8"));
  const tests = report.testResults.flatMap((/** @type {any} */ result) => result.assertionResults);
  const named = (/** @type {string} */ status) =>
    tests.filter((/** @type {any} */ test) => test.status === status);
  const failed = named("failed").length;
  const passed = named("passed").length;
  const skipped = tests
    .filter((/** @type {any} */ test) => test.status !== "passed" && test.status !== "failed")
    .map((/** @type {any} */ test) => test.fullName);
  return { passed, failed: failed === 0 && !ok ? 1 : failed, skipped };
}

/**
 * @param {string} name
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function run(name, command, args, env) {
  console.log(`\n── ${name}`);
  const start = performance.now();
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (error !== undefined) console.error(error.message);
  return { ok: status === 0, seconds: (performance.now() - start) / 1000 };
}

/** @param {readonly Run[]} runs @param {readonly string[]} notes @returns {number} */
function report(runs, notes) {
  const width = Math.max(...runs.map(({ name }) => name.length));
  const sum = (/** @type {"passed" | "failed"} */ key) =>
    runs.reduce((total, each) => total + each[key], 0);
  console.log(`\n${"run".padEnd(width)}  passed  failed  skipped  seconds`);
  for (const { name, passed, failed, skipped, seconds } of runs) {
    const cells = [
      `${passed}`.padStart(6),
      `${failed}`.padStart(6),
      `${skipped.length}`.padStart(7),
      seconds.toFixed(1).padStart(7),
    ];
    console.log(`${name.padEnd(width)}  ${cells.join("  ")}`);
  }
  for (const { name, skipped } of runs) {
    for (const test of skipped) console.log(`skipped on ${name}: ${test}`);
  }
  for (const note of notes) console.log(`not run here: ${note}`);
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed`);
  // The three steps before the tests are no tests: with them alone nothing has been proven.
  const tests = runs.slice(3).reduce((total, each) => total + each.passed, 0);
  return sum("failed") === 0 && tests > 0 ? 0 : 1;
}
