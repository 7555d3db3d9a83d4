import { connect } from "sealwire";

const [address = "tcp://127.0.0.1:7000"] = process.argv.slice(2);
// On loopback the key of the server need not be known before.
await using client = await connect(address);

// Added up by the server: no visit is lost, however many come at once.
const sums = await Promise.all([1, 2, 3].map(() => client.shared.add("visitors")));
console.log(`visitors: ${sums.join(", ")}`);

// Two who change one text: the second has not seen what the first wrote.
const before = await client.shared.entry("title");
await client.shared.cas("title", "Hello", before?.version ?? 0);
await client.shared.cas("title", "Good morning", before?.version ?? 0).catch((error) => {
  console.log(`${error.code}: somebody else has written "${error.details.value}"`);
});

// First what is there, then every change, after breaks too.
for await (const { name, value } of client.shared.watch("visitors")) {
  console.log(`${name} = ${value}`);
  break;
}
