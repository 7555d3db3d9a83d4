import { zmqPassword } from "../../src/dialects/zmq-password/index.ts";
import { dialectSuite } from "../../src/testing/dialect-suite.ts";

dialectSuite("zmq-password", () => ({
  dialect: zmqPassword(),
  server: { authenticator: { authenticate: async () => SOMEBODY }, plaintext: "allow" },
  client: { credentials: { scheme: "password", password: "geheim" } },
  keepsCodes: false,
}));

const SOMEBODY = { id: "somebody", scopes: new Set<string>() };
