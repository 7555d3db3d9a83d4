import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { root, runToEnd } from "../package/packed.ts";

// Users have other compilers than we do. Each `*.case.ts` imports the built package by its name,
// and its declarations are checked as well; `*.libraries.ts` bring libraries of others, whose own
// declarations nobody wants to check. What must not compile stands below `@ts-expect-error`, so
// that it fails once it does compile.
const COMPILERS = [
  { name: "TypeScript 5.9", path: "test/runtimes/typescript-5.9/node_modules/typescript/bin/tsc" },
  { name: "TypeScript 6.0", path: "test/runtimes/typescript-6.0/node_modules/typescript/bin/tsc" },
  { name: "our own TypeScript", path: "node_modules/typescript/bin/tsc" },
];

describe.each(COMPILERS)("the types under $name", ({ path }) => {
  it("accept what is right and refuse what is wrong", async () => {
    expect(await compile(path, "tsconfig.json")).toBe("");
  });

  it("fit the libraries that users bring", async () => {
    expect(await compile(path, "tsconfig.libraries.json")).toBe("");
  });
});

/** What the compiler has to say; nothing if all is well. */
async function compile(path: string, project: string): Promise<string> {
  const compiler = join(root, path);
  expect(existsSync(compiler), `no ${path}: run node scripts/set-up.js`).toBe(true);
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const { code, stdout, stderr } = await runToEnd(process.execPath, [compiler, "-p", project], {
    cwd,
  });
  return code === 0 ? stdout : `exit code ${code}: ${stdout}${stderr}`;
}
