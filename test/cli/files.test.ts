import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Place, type Running } from "./program.ts";

const MODULE = fileURLToPath(new URL("./fixtures/files.ts", import.meta.url));
/** 6 MB, which are 92 chunks. */
const CONTENT = Buffer.from(Uint8Array.from({ length: 6_000_000 }, (_, at) => (at * at) >> 7));
/** Of 60 chunks at least so many are known after a crash: it is told with each 1,048,576 bytes. */
const KNOWN_CHUNKS = 32;

let place: Place;
let folder: string;
beforeEach(() => {
  place = new Place();
  folder = place.path("kept");
});
afterEach(() => place.close());

/** A server of files that halts or dies at the 60th chunk, or goes on. */
async function serve(then: string, url = "tcp://127.0.0.1:0") {
  const env = { KEPT: folder, ...(then !== "" && { THEN: then, AT: "60" }) };
  const args = ["serve", MODULE, "--listen", url, "--token", "ann:tok"];
  const running = place.start(args, { env });
  return { ...running, url: (await running.line("listening tcp:")).slice("listening ".length) };
}

function start(...args: readonly string[]): Running {
  return place.start(args, { env: { SEALWIRE_TOKEN: "tok" } });
}

/** With which chunk the transfers of a server have begun. */
async function beginnings(server: Running): Promise<readonly number[]> {
  server.child.kill("SIGTERM");
  const { err } = await server.ended;
  return [...err.matchAll(/begins with chunk (\d+);/g)].map(([, index]) => Number(index));
}

it("goes on with an upload when the server was killed and is back", async () => {
  writeFileSync(place.path("report.bin"), CONTENT);
  const dying = await serve("die");
  const put = start("put", dying.url, "report.bin");
  await dying.ended;
  await put.line("the server is gone, waiting for it");
  const back = await serve("", dying.url);
  const ended = await put.ended;

  expect(ended).toMatchObject({ code: 0, out: "report.bin\n" });
  expect(readFileSync(`${folder}/report.bin`).equals(CONTENT)).toBe(true);
  expect((await beginnings(back))[0]).toBeGreaterThanOrEqual(KNOWN_CHUNKS);
  expect(readdirSync(folder).sort()).toEqual([".owners", "report.bin"]);
});

it("goes on with the upload of a client that was killed, by the same command", async () => {
  writeFileSync(place.path("report.bin"), CONTENT);
  const server = await serve("halt");
  const killed = start("put", server.url, "report.bin");
  await server.line("halts");
  killed.child.kill("SIGKILL");
  await killed.ended;
  const again = await start("put", server.url, "report.bin").ended;

  expect(again).toMatchObject({ code: 0, out: "report.bin\n" });
  expect(readFileSync(`${folder}/report.bin`).equals(CONTENT)).toBe(true);
  expect(await beginnings(server)).toEqual([0, expect.toSatisfy((first) => first >= 56)]);
});

it("goes on with a download when the server was killed, and the client as well", async () => {
  mkdirSync(folder);
  writeFileSync(`${folder}/big.bin`, CONTENT);
  const dying = await serve("die");
  const killed = start("get", dying.url, "big.bin", "--out", "in");
  await killed.line("the server is gone, waiting for it");
  killed.child.kill("SIGKILL");
  await killed.ended;
  const back = await serve("", dying.url);
  const again = await start("get", back.url, "big.bin", "--out", "in").ended;

  expect(again).toMatchObject({ code: 0, out: "in/big.bin\n" });
  expect(readFileSync(place.path("in/big.bin")).equals(CONTENT)).toBe(true);
  expect((await beginnings(back))[0]).toBeGreaterThanOrEqual(KNOWN_CHUNKS);
  expect(readdirSync(place.path("in"))).toEqual(["big.bin"]);
});
