import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pages, programOf, root } from "../documents/markdown.ts";
import { runToEnd } from "./packed.ts";

/** What the programs of the guide may import beside sealwire. */
const PACKAGES = ["zod", "pino", "@types", "vitest", "yjs"];

/** Pages of the reference that are programs too. */
const REFERENCE: ReadonlySet<string> = new Set(
  ["files", "streams", "rate-limit", "metrics", "conduit-client"].map(
    (name) => `docs/reference/${name}.md`,
  ),
);

const programs = [...pages()]
  .filter(([path]) => path.startsWith("docs/guide/") || REFERENCE.has(path))
  .map(([path, markdown]) => ({ name: basename(path, ".md"), program: programOf(markdown) }))
  .filter(({ program }) => program !== "");
let folder: string;

// Each page of the guide is one program: its `ts` blocks, one after the other. A comment behind a
// `console.log(…);` is what that line prints. Addresses get free ports.
beforeAll(async () => {
  if (!existsSync(join(root, "dist"))) throw new Error("there is no dist: run npm run build");
  folder = await mkdtemp(join(tmpdir(), "sealwire-guide-"));
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules/sealwire"));
  for (const name of PACKAGES) {
    await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  for (const { name, program } of programs) await writeFile(join(folder, `${name}.ts`), program);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the guide", () => {
  it("is typed as the package is", async () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");

    const { code, stdout } = await runToEnd(process.execPath, [tsc, "-p", "."], { cwd: folder });

    expect(code, stdout).toBe(0);
  });

  it.each(programs)("$name runs as printed", async ({ name, program }) => {
    const home = join(folder, name);
    await mkdir(home);
    const script = await withFreePorts(program);
    const { code: plain } = await transform(script, {
      loader: "ts",
      format: "esm",
      target: "es2022",
    });
    await writeFile(join(home, "page.mjs"), plain);
    const env = { ...process.env, SEALWIRE_HOME: home };

    const { code, stdout, stderr } = await runToEnd(process.execPath, ["page.mjs"], {
      cwd: home,
      env,
    });

    expect(code, stderr).toBe(0);
    for (const line of printedBy(program)) expect(stdout).toContain(line);
  });
});

const compilerOptions = {
  target: "es2023",
  lib: ["es2023", "esnext.disposable", "dom"],
  module: "nodenext",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
};

function printedBy(program: string): readonly string[] {
  const lines = program.matchAll(/console\.log\(.*\);\s*\/\/ (.+)$/gm);
  return [...lines].map(([, say = ""]) => say);
}

async function withFreePorts(program: string): Promise<string> {
  const written = new Set([...program.matchAll(/:(7\d{3})\b/g)].map(([, port = ""]) => port));
  let script = program;
  for (const port of written) script = script.replaceAll(`:${port}`, `:${await freePort()}`);
  return script;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
