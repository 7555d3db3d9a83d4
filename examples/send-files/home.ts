import { createPeer, createServer, sharedSecret } from "sealwire";
import { files, folderStore } from "sealwire/features/files";

const [folder = "."] = process.argv.slice(2);
const { SEALWIRE_RENDEZVOUS: rendezvous = "udp://127.0.0.1:3478", PEER_KEY: key = "" } =
  process.env;

const peer = await createPeer({ rendezvous, key });
const server = createServer({ authenticator: sharedSecret(peer.secret) });
server.install(
  files({
    store: folderStore({ folder }),
    onFileReceived: ({ name, size }) => console.log(`received ${name}, ${size} bytes`),
  }),
);

await peer.listen(server);
console.log(`sharing ${folder}`);
