import { afterEach, expect, test } from "vitest";
import { calling, closeMeetings, serving } from "../../../test/netconduit/meetings.ts";
import { WELCOME } from "../../../test/netconduit/peers.ts";
import { DEFAULT_LIMITS } from "../../core/engine/limits.ts";
import { parseFrame } from "./frame.ts";
import { netconduit } from "./index.ts";
import { NETCONDUIT_DEFAULTS, netconduitSettings } from "./options.ts";
import { unpackFrame } from "./payload.ts";

const closing: (() => Promise<void>)[] = [];

afterEach(() => closeMeetings(closing));

test("port, heartbeat and call timeout are those of the original", () => {
  expect(netconduit().defaults).toEqual({
    ...{ port: 8080, callTimeoutMs: 30_000 },
    // 90 seconds of silence in all.
    heartbeat: { intervalMs: 30_000, timeoutMs: 60_000 },
  });
});

test("a login has ten seconds, as in the original", () => {
  expect(DEFAULT_LIMITS.handshakeTimeoutMs).toBe(10_000);
});

test("compression is off, pauses end after thirty seconds", () => {
  expect(netconduitSettings({})).toMatchObject({ compression: false, maxPauseMs: 30_000 });
  expect(NETCONDUIT_DEFAULTS.maxInflatedBytes).toBe(DEFAULT_LIMITS.maxFrameBytes);
});

test("a server without a name calls itself as the original does, one with a name by it", async () => {
  const { peer } = await serving(closing);
  expect((await peer.logIn())?.value).toMatchObject({
    server_info: { name: "conduit_server", version: "1.0.0" },
  });
  const named = await serving(closing, { server: { name: "ours", version: "7" } });
  expect((await named.peer.logIn())?.value).toMatchObject({
    server_info: { name: "ours", version: "7" },
  });
});

test("a client without a name calls itself as the original does, and keeps what the server says", async () => {
  const { client, login, opening, peer } = await calling(closing);
  const said = unpackFrame(parseFrame(login ?? new Uint8Array()), netconduitSettings({})).value;
  expect(said).toMatchObject({ client_info: { name: "conduit_client", version: "1.0.0" } });
  peer.send(WELCOME);
  await opening;
  expect(client.connection?.about).toEqual({ name: "fake", version: "1" });
});
