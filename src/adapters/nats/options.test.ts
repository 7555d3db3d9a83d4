import { expect, it, vi } from "vitest";
import { natsCluster, natsStore } from "./index.ts";
import { natsTarget } from "./options.ts";

vi.mock("@nats-io/jetstream", () => {
  throw new Error("Cannot find package '@nats-io/jetstream'");
});

const clusterKey = new Uint8Array(32).map((_, i) => i * 37 + 11);
const servers = "nats://127.0.0.1:4222";

it("says which packages are missing", async () => {
  const missing = {
    code: "UNSUPPORTED",
    message: expect.stringContaining("npm install @nats-io/"),
  };
  await expect(natsCluster({ servers, clusterKey, nodeId: "a" })).rejects.toMatchObject(missing);
  await expect(natsStore({ servers, clusterKey })).rejects.toMatchObject(missing);
});

it.each([
  ["a URL of something else", { servers: "redis://ann:geheim@127.0.0.1" }],
  ["no URL", { servers: "geheim" }],
  ["no server", { servers: [] }],
  ["no key", { clusterKey: [] }],
  ["a key that could be guessed", { clusterKey: "geheim" }],
  ["a name with dots", { name: "geheim.>" }],
  ["no time to connect", { connectTimeoutMs: 0 }],
  ["no history", { history: 0 }],
  ["more history than NATS keeps", { history: 65 }],
  ["half a replica", { replicas: 1.5 }],
])("refuses %s, and shows no secret", async (_what, wrong) => {
  const thrown = await natsStore({ servers, clusterKey, ...wrong }).catch(
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject({ code: "INVALID_ARGUMENT" });
  const { name } = { name: "", ...wrong };
  if (name === "") expect(String(thrown)).not.toContain("geheim");
});

it("takes user and password out of the address, and shows neither", () => {
  const target = natsTarget({ servers: ["tls://ann:p%40ss@[::1]", servers], clusterKey });
  expect(target).toMatchObject({ user: "ann", password: "p@ss", encrypted: true });
  expect(target.hosts).toEqual(["[::1]:4222", "127.0.0.1:4222"]);
});
