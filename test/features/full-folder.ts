/**
 * Uploads more than fits, less, and then into a folder that is read-only: `node scripts/run.js
 * test/features/full-folder.ts FOLDER`, where FOLDER is a small file system of its own. Prints what
 * came of it as one line of JSON.
 */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { bearerTokens, connect, createServer, SealwireError } from "sealwire";
import { fileClient, files, folderStore } from "sealwire/features/files";

const [folder = ""] = process.argv.slice(2);
const server = createServer({ authenticator: bearerTokens({ "a token": "ann" }) });
server.install(files({ store: folderStore({ folder }) }));
const { address } = await server.listen("tcp://127.0.0.1:0");
const client = await connect(String(address), {
  pin: await server.fingerprint(),
  credentials: { scheme: "token", token: "a token" },
});
const remote = client.install(fileClient());

async function upload(name: string, bytes: number): Promise<unknown> {
  try {
    return (await remote.upload(name, new Uint8Array(bytes).fill(7))).storedAs;
  } catch (thrown) {
    const { code, message } = SealwireError.from(thrown);
    return { code, message };
  }
}

const full = await upload("large", 3_000_000);
const afterFull = readdirSync(folder);
const small = await upload("small", 1_000_000);
execFileSync("mount", ["-o", "remount,ro", folder]);
const readOnly = await upload("late", 1_000);
const kept = (await remote.download("small")).length;
console.log(JSON.stringify({ full, afterFull, small, readOnly, kept, there: readdirSync(folder) }));
await client.close();
await server.close();
