import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Ended, prompt, run, SYNC, start } from "./program.ts";
import { type Served, serve } from "./served.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served.close());

/** What `printLong` prints, shortened by `brief`. */
const LONG = "300001 characters";
const open = () => `const client = connectSync(${served.args});\n`;
const printLong = 'console.log(client.echo("x".repeat(300_000)));\n';
/** What fits into the pipe: Node writes the rest when its thread is free again. */
const printShort = 'console.log("printed");\n';

/** A failed comparison need not show all of it. */
function brief<Result extends Ended>({ out, ...rest }: Result) {
  return { ...rest, out: out.length > 1_000 ? `${out.length} characters` : out };
}

it("ends when the program does, with no client closed, and nothing printed is lost", async () => {
  const gone = once(served.seen, "gone");
  expect(brief(await run(open() + printLong))).toEqual({
    ...{ code: 0, signal: null, out: LONG, err: "" },
  });
  await gone;
});

it("ends when the program throws, with its code and what was printed", async () => {
  const gone = once(served.seen, "gone");
  const script = `${open()}const left = client.count(9); left.next();\n${printShort}client.fail();`;
  const { code, out, err } = await run(script);
  expect({ code, out }).toEqual({ code: 1, out: "printed\n" });
  expect(err).toContain("somebody was faster");
  await gone;
});

it("ends with the program's own exit code", async () => {
  expect(await run(`${open()}${printShort}process.exit(7);`)).toMatchObject({
    ...{ code: 7, out: "printed\n", err: "" },
  });
});

it("ends on Ctrl-C while it waits for an answer", async () => {
  const hangs = once(served.seen, "hangs");
  const gone = once(served.seen, "gone");
  const { child, ended } = start(`${open()}${printShort}client.hang();`);
  await hangs;
  child.kill("SIGINT");
  expect(await ended).toEqual({ code: null, signal: "SIGINT", out: "printed\n", err: "" });
  await gone;
});

it("ends on Ctrl-C between two calls", async () => {
  const joined = once(served.seen, "joined");
  const { child, ended } = start(
    `${open()}console.log(client.add(1, 2)); setInterval(() => {}, 9)`,
  );
  await joined;
  await once(child.stdout ?? child, "data");
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ signal: "SIGINT", out: "3\n" });
});

it("gives the prompt back on Ctrl-C, cancels the call, and can be used on", async () => {
  const hangs = once(served.seen, "hangs");
  const cancelled = once(served.seen, "cancelled");
  const { child, ended, printed } = prompt();
  child.stdin?.write(`const { connectSync } = await import(${JSON.stringify(SYNC)}); "loaded"\n`);
  await printed("loaded");
  child.stdin?.write(`${open()}client.hang()\n`);
  await hangs;
  child.kill("SIGINT");
  await printed("interrupted");
  child.stdin?.end('"answer " + client.add(4, 5)\n');
  const { code, out } = await ended;
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining("answer 9") });
  await cancelled;
});
