import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createPeer } from "sealwire";
import { fileClient } from "sealwire/features/files";

const [folder = "."] = process.argv.slice(2);
const { SEALWIRE_RENDEZVOUS: rendezvous = "udp://127.0.0.1:3478", PEER_KEY: key = "" } =
  process.env;

const peer = await createPeer({
  rendezvous,
  key,
  onStatus(status) {
    if (status.status === "UDP_ESTABLISHED") console.error(`path: ${status.path}`);
  },
});
// Waits for the other side, if it is not there yet.
await using client = await peer.connect();
const home = client.install(fileClient());

await mkdir(folder, { recursive: true });
for (const { name, size } of await home.list()) {
  const path = join(folder, name);
  if (await stat(path).catch(() => undefined)) continue;
  // It was checked against its SHA-256 when it is here.
  await writeFile(path, await home.download(name));
  console.log(`fetched ${name}, ${size} bytes`);
}

const { name } = await home.upload("away.txt", new Blob(["I was here"]));
console.log(`left ${name} there`);
