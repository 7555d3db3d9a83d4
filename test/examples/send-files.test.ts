import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Program, typed } from "./program.ts";

const running: Program[] = [];
let folder: string;
let rendezvous: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sealwire-send-"));
  mkdirSync(join(folder, "home"));
  writeFileSync(join(folder, "home", "sea.txt"), "the sea and the beach");
  const place = started("node bin/sealwire.js rendezvous --listen udp://127.0.0.1:0");
  rendezvous = (await place.line(/^listening /)).slice("listening ".length);
});

afterEach(async () => {
  for (const program of running.splice(0)) {
    program.signal("SIGKILL");
    await program.ended();
  }
  rmSync(folder, { recursive: true, force: true });
});

function started(line: string): Program {
  const key = Buffer.alloc(32, "a key of this test").toString("base64");
  const program = typed(
    `exec env SEALWIRE_RENDEZVOUS=${rendezvous} PEER_KEY=${key} SEALWIRE_HOME=${folder} ${line}`,
  );
  running.push(program);
  return program;
}

const example = (file: string, to: string) =>
  started(`node scripts/run.js examples/send-files/${file} ${join(folder, to)}`);

it("sends a file with one command on each side", async () => {
  const sender = started(`node bin/sealwire.js send ${join(folder, "home", "sea.txt")}`);
  const code = (await sender.line(/^code /)).slice("code ".length);
  const receiver = started(`node bin/sealwire.js receive --to ${folder} ${code}`);
  expect(await receiver.ended(), receiver.errors()).toBe(0);
  expect(await sender.ended(), sender.errors()).toBe(0);
  expect(readFileSync(join(folder, "sea.txt"), "utf8")).toBe("the sea and the beach");
});

it("fetches what is new in a folder at home, and leaves something there", async () => {
  const home = example("home.ts", "home");
  await home.line(/^sharing /);
  const away = example("away.ts", "copies");
  expect(await away.ended(), away.errors()).toBe(0);
  expect(away.lines).toEqual(["fetched sea.txt, 21 bytes", "left away.txt there"]);
  expect(readdirSync(join(folder, "home"))).toContain("away.txt");
  const again = example("away.ts", "copies");
  expect(await again.ended(), again.errors()).toBe(0);
  expect(again.lines[0]).toBe("fetched away.txt, 10 bytes");
});
