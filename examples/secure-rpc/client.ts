import { connect, SealwireError } from "sealwire";

/** What the server offers, as far as this client calls it. */
interface Api {
  ping(): string;
  add(a: number, b: number): number;
  mul(a: number, b: number): number;
  whoami(): string | number;
}

const {
  SEALWIRE_URL: url = "zmq-password://localhost:8421",
  SEALWIRE_PASSWORD: password = "",
  SEALWIRE_KEY: key = "",
} = process.env;

if (password === "" && key === "") {
  console.error("set SEALWIRE_PASSWORD for zmq-password://, or SEALWIRE_KEY for nacl-box+…://");
  process.exit(2);
}

const credentials =
  key === "" ? ({ scheme: "password", password } as const) : ({ scheme: "api-key", key } as const);

try {
  await using client = await connect(url, { credentials });
  const rpc = client.api<Api>();

  console.log(`5 + 7 = ${await rpc.add(5, 7)}`);
  console.log(`3 * 4 = ${await rpc.mul(3, 4)}`);

  // One password knows no users and no variables; an API key belongs to a user.
  if (key !== "") {
    console.log(`Ich bin User ${await rpc.whoami()}`);
    await client.shared.set("zahl", 5);
    console.log(`zahl = ${client.shared.get("zahl")}`);
  }
} catch (error) {
  if (!(error instanceof SealwireError)) throw error;
  console.log(`Fehler beim RPC-Aufruf: ${error.message}`);
}
