import { passwords } from "../../src/auth/passwords.ts";
import { netconduit } from "../../src/dialects/netconduit/index.ts";
import { dialectSuite } from "../../src/testing/dialect-suite.ts";

const server = { authenticator: passwords("secret123"), plaintext: "allow" } as const;
const client = { credentials: { scheme: "password", password: "secret123" } } as const;

// Its numbers have none for CONFLICT: the codes arrive as those of the original.
const keepsCodes = false;

dialectSuite("netconduit", () => ({ dialect: netconduit(), server, client, keepsCodes }));

dialectSuite("netconduit with compression", () => ({
  dialect: netconduit({ compression: true }),
  ...{ server, client, keepsCodes },
}));
