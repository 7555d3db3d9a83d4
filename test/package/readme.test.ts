import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { transform } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { nodeBinaries } from "../nodes.ts";
import { type Consumer, installPacked, root, runToEnd } from "./packed.ts";

let consumer: Consumer;
let printed: readonly string[];
let port: number;
let server: ChildProcess | undefined;

// The first `ts` block of the README is the server, the second the client; a comment behind a
// `console.log(…);` of the client is what that line prints.
beforeAll(async () => {
  consumer = await installPacked();
  const readme = await readFile(join(root, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = ""]) => code);
  const [serverCode = "", clientCode = ""] = blocks;
  await writeProgram("server", serverCode);
  await writeProgram("client", clientCode);
  port = Number(/\b(?:tcp|ws):\/\/[\w.[\]:]+?:(\d+)/.exec(clientCode)?.[1]);
  printed = [...clientCode.matchAll(/console\.log\(.*\);\s*\/\/ (.+)$/gm)].map(
    ([, say = ""]) => say,
  );
});
afterEach(stopServer);
afterAll(() => consumer?.close());

describe("the server and the client of the README", () => {
  it("say where the server listens and what the client prints", () => {
    expect(port).toBeGreaterThan(0);
    expect(printed.length).toBeGreaterThan(0);
  });

  it.each(nodeBinaries())("run as printed on $name", async ({ path }) => {
    expect(await answers(), `port ${port} is taken by another program`).toBe(false);
    server = spawn(path, ["server.mjs"], { ...surroundings(), stdio: ["ignore", "pipe", "pipe"] });
    await untilListening(server);
    const { code, stdout, stderr } = await runToEnd(path, ["client.mjs"], surroundings());
    expect(code, stderr).toBe(0);
    for (const line of printed) expect(stdout).toContain(line);
  });
});

async function writeProgram(name: string, code: string): Promise<void> {
  expect(code, `README.md has no ts block for the ${name}`).not.toBe("");
  const { code: script } = await transform(code, { loader: "ts", format: "esm", target: "es2022" });
  await writeFile(join(consumer.folder, `${name}.mjs`), script);
}

/** A home of its own, so that known servers and keys of this machine stay as they are. */
function surroundings(): { readonly cwd: string; readonly env: NodeJS.ProcessEnv } {
  const home = consumer.folder;
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home };
  return { cwd: home, env: { ...env, XDG_STATE_HOME: home } };
}

async function untilListening(child: ChildProcess): Promise<void> {
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdout?.resume();
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error(`the server ended early: ${stderr}`);
  }
}

/** Whether somebody listens on the port. */
async function answers(): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  return new Promise((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

async function stopServer(): Promise<void> {
  if (server === undefined || server.exitCode !== null) return;
  const ended = once(server, "exit");
  server.kill("SIGTERM");
  const hard = setTimeout(() => server?.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(hard);
  server = undefined;
}
