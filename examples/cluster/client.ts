import { once } from "node:events";
import { connect } from "sealwire";
import { roomClient } from "sealwire/features/rooms";

const [first = "tcp://127.0.0.1:7001", second = "tcp://127.0.0.1:7002"] = process.argv.slice(2);
// On loopback the key of the servers need not be known before.
await using ann = await connect(first);
await using bob = await connect(second);
console.log(`Ann is at ${await ann.call("where")}, Bob at ${await bob.call("where")}`);

// A room has members at both nodes.
const [annsLobby, bobsLobby] = [ann, bob].map((client) =>
  client.install(roomClient()).room("lobby"),
);
if (!annsLobby || !bobsLobby) throw new Error("there are two");
const heard = new EventTarget();
bobsLobby.on("said", (text, from) => {
  console.log(`Bob hears ${from?.data}: ${text}`);
  heard.dispatchEvent(new Event("said"));
});
bobsLobby.onPresence(({ change, member }) => {
  if (change === "joined" && member.data === "Ann") heard.dispatchEvent(new Event("joined"));
});
await bobsLobby.join("Bob");
const joined = once(heard, "joined");
await annsLobby.join("Ann");
await joined;
const said = once(heard, "said");
await annsLobby.emit("said", "good morning");
await said;

// A variable has one value, whichever node adds to it.
const before = await ann.shared.add("visitors");
console.log(`visitors: ${before}, then ${await bob.shared.add("visitors")}`);

// A procedure that the other node has is called there.
console.log(`the report of Ann was ${await ann.call("report")}`);
