import { afterEach, beforeEach, expect, it } from "vitest";
import { type NatsServer, natsServer, natsServerThere } from "../tools/nats-server.ts";
import { Place, SERVED, type Serving } from "./program.ts";

let place: Place;
const engines: NatsServer[] = [];
beforeEach(() => {
  place = new Place();
});
afterEach(async () => {
  await place.close();
  await Promise.all(engines.splice(0).map((engine) => engine.remove()));
});

const env = { SEALWIRE_TOKEN: "tok" };

async function refusal(...args: readonly string[]): Promise<string> {
  const { code, err } = await place.run([
    "serve",
    SERVED,
    "--listen",
    "tcp://127.0.0.1:0",
    ...args,
  ]);
  expect(code, err).toBe(2);
  return err;
}

it("says what lacks before it joins a cluster", async () => {
  const nats = ["--cluster", "nats://127.0.0.1:1"];
  expect(await refusal("--node-id", "a")).toContain("go with --cluster");
  expect(await refusal(...nats, "--node-id", "a")).toContain("wants --cluster-key-file");
  const missing = [...nats, "--node-id", "a", "--cluster-key-file", place.path("no.key")];
  expect(await refusal(...missing)).toContain("no.key");
  expect(await refusal(...missing, "--state", place.path("state"))).toContain("--state");
});

it.skipIf(!natsServerThere())("makes servers one, for calls and for variables", async () => {
  const engine = await natsServer();
  engines.push(engine);
  await place.run(["keygen", "--secret", "--out", place.path("cluster.key")]);
  const joining = ["--cluster", engine.url, "--cluster-key-file", place.path("cluster.key")];
  const start = (nodeId: string): Promise<Serving> =>
    place.serve(["--token", "tim:tok", ...joining, "--node-id", nodeId]);
  const [a, b] = await Promise.all([start("a"), start("b")]);
  expect(await b.line("node b of the cluster")).toContain(engine.url.slice("nats://".length));
  const state = async (at: Serving, ...args: readonly string[]) => {
    const [verb = "", ...rest] = args;
    const { code, out, err } = await place.run(["state", verb, at.url, ...rest], { env });
    return { code, out: out.trim(), err };
  };
  expect(await state(a, "set", "color", '"red"')).toMatchObject({ code: 0 });
  expect(JSON.parse((await state(b, "get", "color")).out)).toMatchObject({
    value: "red",
    version: 1,
  });
  expect(await state(b, "cas", "color", '"blue"', "--expect", "1")).toMatchObject({ code: 0 });
  expect(await state(a, "cas", "color", '"green"', "--expect", "1")).toMatchObject({
    code: 1,
    err: expect.stringContaining("CONFLICT"),
  });
});
