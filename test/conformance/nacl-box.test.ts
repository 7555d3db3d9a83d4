import { nodeBox } from "../../src/crypto/providers/node-box.node.ts";
import { naclBox } from "../../src/dialects/nacl-box/index.ts";
import { dialectSuite } from "../../src/testing/dialect-suite.ts";

const server = { authenticator: { authenticate: async () => SOMEBODY } };
const client = { credentials: { scheme: "api-key", key: "abc" } } as const;
const SOMEBODY = { id: "somebody", scopes: new Set<string>() };

dialectSuite("nacl-box between two of ours", () => ({
  ...{ server, client },
  dialect: naclBox({ crypto: nodeBox() }),
}));

dialectSuite("nacl-box as with an original", () => ({
  ...{ server, client, keepsCodes: false },
  dialect: naclBox({ crypto: nodeBox(), ids: false }),
}));
