import { connect, type SealwireError } from "sealwire";

/** What server and workers offer. */
interface Api {
  primesBelow(limit: number): number;
  slowly(ms: number): number;
}

const { SEALWIRE_URL: url = "tcp://127.0.0.1:7000", SEALWIRE_KEY: key = "" } = process.env;
if (key === "") {
  console.error("set SEALWIRE_KEY to a key that the server or the broker knows");
  process.exit(2);
}

await using client = await connect(url, { credentials: { scheme: "api-key", key } });
const tasks = client.api<Api>();

console.log(`primes below 1000000: ${await tasks.primesBelow(1_000_000)}`);

const wrong = await tasks.primesBelow(-1).catch((error: SealwireError) => error.code);
console.log(`primes below -1: ${wrong}`);

// Calls that nobody minds to be run twice, so that none is lost with its worker.
const answers = await Promise.all(
  Array.from({ length: 20 }, () => client.call("slowly", [100], { meta: { idempotent: "true" } })),
);
console.log(`20 calls, answered by ${new Set(answers).size} processes`);
