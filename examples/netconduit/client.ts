import { connect, type SealwireError } from "sealwire";
import { conduit } from "sealwire/features/conduit";
import { fileClient } from "sealwire/features/files";
import { streamClient } from "sealwire/features/streams";

/** Everything it must know comes from the environment, because passwords do not belong in programs. */
const { NETCONDUIT_URL: url = "netconduit://127.0.0.1:8080", NETCONDUIT_PASSWORD: password = "" } =
  process.env;

if (password === "") {
  console.error("set NETCONDUIT_PASSWORD to the password of the server");
  process.exit(2);
}

await using connection = await connect(url, { credentials: { scheme: "password", password } });
const client = connection.install(conduit());
const files = connection.install(fileClient());
const streams = connection.install(streamClient());

await call("add", { a: 2, b: 3 });
await call("greet", { name: "Ada" });
await call("calculate", { operation: "divide", a: 7, b: 2 });
await call("calculate", { operation: "divide", a: 1, b: 0 });
await call("calculate", { operation: "power", a: 2, b: 3 });
await call("add", { a: "two", b: 3 });
await call("users.list", { page: 2 });
console.log("the wrapper        ", JSON.stringify(await client.callRaw("users.list", { page: 2 })));
await call("users.get", { id: 7 });

const methods = await client.discover();
console.log(
  "discovered         ",
  methods
    .map(({ name }) => name)
    .slice(0, 3)
    .join(", "),
);

const pong = next("ping_response");
await client.send("ping", { n: 1 });
console.log("ping               ", JSON.stringify(await pong));

const delivered = next("chat_response");
await client.send("chat", { from: "client", text: "anybody here?" });
console.log("chat               ", JSON.stringify(await delivered));

await files.upload("hello.txt", new TextEncoder().encode("hello, files"));
console.log("files              ", (await files.list()).map(({ name }) => name).join(", "));
console.log("download           ", new TextDecoder().decode(await files.download("hello.txt")));

for await (const tick of streams.subscribe("ticks")) {
  console.log("tick               ", typeof (tick as { readonly n: number }).n);
  break;
}

/** Prints what comes back, or why nothing does. */
async function call(method: string, args: Readonly<Record<string, unknown>>): Promise<void> {
  const outcome = await client
    .call(method, args)
    .then((data) => JSON.stringify(data))
    .catch((error: SealwireError) => `${error.code}: ${error.message}`);
  console.log(method.padEnd(19), outcome);
}

/** The next message of a type. */
function next(type: string): Promise<unknown> {
  return new Promise((resolve) => {
    const subscription = connection.onEvent(type, (data) => {
      subscription.close();
      resolve(data);
    });
  });
}
