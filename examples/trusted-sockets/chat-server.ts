import { createServer, passwords } from "sealwire";
import register from "./server.ts";
import { trustId } from "./trust-id.ts";

/** The same server, for lines as well: each is a call of `echo`, and comes back as it is. */
const { TRUST_URL: url = "trust-rpc://127.0.0.1:8888" } = process.env;

const server = createServer({
  authenticator: passwords(trustId()),
  trustRpc: { chat: "echo" },
});
register(server);
const { address } = await server.listen(url);
console.log(`listening ${address.href}`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void server.close());
}
