import { expect, it } from "vitest";
import { netconduit } from "../../dialects/netconduit/index.ts";
import { serverAndClient } from "../../testing/server-and-client.ts";
import { roomClient } from "./room-client.ts";
import { rooms } from "./rooms.ts";

it("works over a wire of JSON where nobody can name the events it wants", async () => {
  await using pair = await serverAndClient({
    dialect: netconduit(),
    server: { plaintext: "allow" },
    client: { credentials: { scheme: "password", password: "correct horse" } },
    register: (server) => void server.install(rooms()),
  });
  const ann = pair.client.install(roomClient()).room("lobby");
  const bob = (await pair.connect()).install(roomClient()).room("lobby");
  const heard: unknown[] = [];
  ann.on("say", (data) => heard.push(data));
  await ann.join();
  await bob.join({ nick: "B" });
  await bob.emit("say", 1);
  await expect.poll(() => heard).toEqual([1]);
  expect(await bob.ask("say", 2)).toEqual({ answers: [{ member: ann.me, value: 2 }], failed: [] });
  expect(ann.members.map(({ data }) => data)).toEqual([undefined, { nick: "B" }]);
});
