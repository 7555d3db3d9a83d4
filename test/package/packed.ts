import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The repository. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** An empty project into which the packed package was installed. */
export interface Consumer {
  readonly folder: string;
  readonly tarball: string;
  /** The files inside of the tarball. */
  readonly files: readonly string[];
  /** Makes optional peers resolvable, as installing them would. */
  addPeers(): Promise<void>;
  close(): Promise<void>;
}

/** Packs this repository as `npm publish` would and installs the tarball elsewhere. */
export async function installPacked(): Promise<Consumer> {
  if (!existsSync(join(root, "dist"))) throw new Error("there is no dist: run npm run build");
  const folder = await mkdtemp(join(tmpdir(), "sealwire-package-"));
  const [packed] = await pack(folder);
  const tarball = join(folder, packed.filename);
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
  await npm(folder, ["install", tarball, "--ignore-scripts", "--prefer-offline"]);
  return {
    folder,
    tarball,
    files: packed.files.map(({ path }) => path),
    addPeers: () => addPeers(folder),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What `package.json` of the repository says. */
export async function readManifest(): Promise<{
  readonly exports: Readonly<Record<string, unknown>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}> {
  return JSON.parse(await readFile(join(root, "package.json"), "utf8"));
}

/** What a program printed and how it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whichever it is. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<Ended> {
  const limits = { maxBuffer: 16 << 20, timeout: 120_000 };
  return new Promise((resolve) => {
    const child = execFile(command, [...args], { ...limits, ...options }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (child.exitCode ?? -1), stdout, stderr }),
    );
    child.stdin?.end();
  });
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Without the scripts: `npm test` has built already, and two builds at once would collide. */
async function pack(folder: string): Promise<readonly [Packed]> {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  return JSON.parse(await npm(root, args));
}

async function npm(cwd: string, args: readonly string[]): Promise<string> {
  const script = process.env["npm_execpath"];
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const [command, ...before] = script === undefined ? ["npm"] : [process.execPath, script];
  const all = [...before, ...args, ...quiet];
  const { stdout } = await run(command ?? "npm", all, { cwd, maxBuffer: 16 << 20 });
  return stdout;
}

/** Linked, not installed: the same packages, without fetching them once more. */
async function addPeers(folder: string): Promise<void> {
  const { peerDependencies } = await readManifest();
  for (const name of Object.keys(peerDependencies)) {
    const link = join(folder, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    if (!existsSync(link)) await symlink(join(root, "node_modules", name), link, "dir");
  }
}
