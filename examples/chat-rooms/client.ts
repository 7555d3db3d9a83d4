import { createInterface } from "node:readline";
import { connect } from "sealwire";
import { type RoomMember, roomClient } from "sealwire/features/rooms";

const [address = "", pin = "", room = "lobby", nickname = "somebody"] = process.argv.slice(2);
await using client = await connect(address, { pin });
const lobby = client.install(roomClient()).room(room);
const nameOf = (member: RoomMember | undefined) => member?.data ?? "the server";

lobby.on("said", (text, from) => console.log(`${nameOf(from)}: ${text}`));
// What a receiver returns is the answer to who asks.
lobby.on("mood", () => "fine");
lobby.onPresence(({ change, member }) => console.log(`* ${nameOf(member)} ${change}`));
lobby.onStatus((status, reason) => console.log(`* ${status}${reason ? `: ${reason}` : ""}`));
await lobby.join(nickname);

// One line is one thing said; "?" asks everybody how they are.
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "?") {
    const { answers, failed } = await lobby.ask("mood", undefined, { timeoutMs: 2_000 });
    console.log(`${answers.length} answered, ${failed.length} did not`);
  } else console.log(`said to ${await lobby.emit("said", line)}`);
}
await lobby.leave();
