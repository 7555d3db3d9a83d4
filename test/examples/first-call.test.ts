import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { example, type Program, typed } from "./program.ts";

const running: Program[] = [];

afterEach(async () => {
  for (const program of running.splice(0)) {
    program.signal("SIGKILL");
    await program.ended();
  }
});

function kept(program: Program): Program {
  running.push(program);
  return program;
}

async function started(): Promise<{ start: Program; commands: readonly string[] }> {
  const start = kept(example("first-call/start.ts"));
  await start.line(/Ctrl-C/);
  const commands = start.lines.filter((line) => line.trim().startsWith("node bin/sealwire.js"));
  return { start, commands };
}

describe("npm start", () => {
  it("prints its listeners, its fingerprint, its page and three commands", async () => {
    const { start, commands } = await started();
    const printed = start.lines.join("\n");
    expect(printed).toMatch(/listening +tcp:\/\/127\.0\.0\.1:\d+/);
    expect(printed).toMatch(/listening +ws:\/\/127\.0\.0\.1:\d+/);
    expect(printed).toMatch(/page +http:\/\/127\.0\.0\.1:\d+/);
    expect(printed).toMatch(/fingerprint +swpub_\S+/);
    expect(commands).toHaveLength(3);
  });

  it("prints commands that work as they stand: a call, a stream, events", async () => {
    const { commands } = await started();
    const [call = "", stream = "", watch = ""] = commands;
    const called = kept(typed(call));
    expect(await called.ended()).toBe(0);
    expect(called.lines).toEqual(["5"]);
    const streamed = kept(typed(stream));
    expect(await streamed.ended()).toBe(0);
    expect(streamed.lines).toEqual(["5", "4", "3", "2", "1", "0"]);
    const watching = kept(typed(watch));
    expect(JSON.parse(await watching.line(/./))).toMatchObject({ connections: 1 });
    watching.signal("SIGINT");
    await watching.ended();
  });

  it.each(["SIGINT", "SIGTERM"] as const)("ends in order and with 0 by %s", async (signal) => {
    const { start } = await started();
    start.signal(signal);
    expect(await start.ended()).toBe(0);
    expect(start.errors()).toBe("");
  });

  it("finishes a stream that runs before it ends", async () => {
    const { start, commands } = await started();
    const stream = kept(typed(commands[1] ?? ""));
    await stream.line(/^4$/);
    start.signal("SIGTERM");
    expect(await stream.ended()).toBe(0);
    expect(stream.lines.at(-1)).toBe("0");
    expect(await start.ended()).toBe(0);
  });

  it("takes free ports when its own are taken, and says so", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => {
      // Somebody else may have it already: then it is taken as well.
      other.once("error", () => resolve());
      other.listen(7_000, "127.0.0.1", resolve);
    });
    const { start, commands } = await started();
    other.close();
    expect(start.lines.join("\n")).toContain("Port 7000 is taken");
    const called = kept(typed(commands[0] ?? ""));
    expect(await called.ended()).toBe(0);
  });

  it("gives the page's key to the page's script alone", async () => {
    const { start } = await started();
    const page = new URL(/http\S+/.exec(await start.line(/page +http/))?.[0] ?? "");
    const html = await fetch(page);
    expect(await html.text()).toMatch(/swpub_/);
    expect(html.headers.get("content-security-policy")).toContain("script-src 'self'");
    const plain = await fetch(new URL("key", page));
    expect(plain.status).toBe(403);
    const ours = await fetch(new URL("key", page), {
      headers: { "sec-fetch-site": "same-origin" },
    });
    expect(ours.headers.get("cache-control")).toBe("no-store");
    expect(await ours.text()).toMatch(/^sw_/);
  });
});

describe("npm run tour", () => {
  it("calls the demonstration from Node, the command line and Chromium", async () => {
    const tour = kept(example("first-call/tour.ts"));
    const code = await tour.ended();
    const printed = tour.lines.join("\n");
    expect(printed, tour.errors()).not.toMatch(/^FAILED/m);
    for (const place of ["Node", "command line", "Chromium"]) expect(printed).toContain(place);
    expect(printed).toContain("14 of 14 as expected");
    expect(code).toBe(0);
  });
});

describe("the client in Node", () => {
  it("calls, streams and listens with what it finds in the environment", async () => {
    const { start } = await started();
    const word = async (name: string) =>
      new RegExp(`${name} +(\\S+)`).exec(await start.line(new RegExp(name)))?.[1];
    const url = (await word("listening")) ?? "";
    const facts = `SEALWIRE_URL=${url} SEALWIRE_KEY=${await word("API key")} SEALWIRE_PIN=${await word("fingerprint")}`;
    const client = kept(typed(`${facts} node scripts/run.js examples/first-call/client.ts`));
    expect(await client.ended()).toBe(0);
    expect(client.lines.join("\n")).toMatch(/whoami +you\nadd\(2, 3\) +5/);
    expect(client.errors()).toBe("");
  });

  it("says what is missing when the environment holds nothing", async () => {
    const client = kept(typed("SEALWIRE_KEY= node scripts/run.js examples/first-call/client.ts"));
    expect(await client.ended()).toBe(2);
    expect(client.errors()).toContain("SEALWIRE_KEY");
  });
});
