import pc from "picocolors";
import { expect, it } from "vitest";
import { callLog } from "../core/engine/call-log.ts";
import { SealwireError } from "../core/model/errors.ts";
import { LOG_LEVELS, type LogLevel, logTo } from "./logger.ts";
import type { Shell } from "./shell.ts";

function logged(level: LogLevel, json = false) {
  const lines: string[] = [];
  const plain = pc.createColors(false);
  const shell: Pick<Shell, "note" | "colors"> = {
    note: (line) => lines.push(line),
    colors: { out: plain, err: plain },
  };
  return { lines, logger: logTo(shell as Shell, level, json) };
}

it("writes what its level lets through", () => {
  const counts = LOG_LEVELS.map((level) => {
    const { lines, logger } = logged(level);
    for (const write of ["debug", "info", "warn", "error"] as const) logger[write]({}, "x");
    return lines.length;
  });
  expect(counts).toEqual([0, 1, 2, 3, 4]);
});

it("keeps to one line, whatever a peer has called itself", () => {
  const { lines, logger } = logged("info");
  logger.info({ name: "a\nb \u001b[2J", missing: undefined }, "connected\nERROR forged");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/INFO {2}connected\\u000aERROR forged name="a\\nb \\u001b\[2J"$/);
});

it("tells of an error where it comes from", () => {
  const { lines, logger } = logged("error");
  logger.error({ err: new TypeError("odd") }, "a handler failed");
  expect(lines[0]).toMatch(/err="TypeError: odd" at=.*logger\.test\.ts/);
});

it("writes JSON for machines", () => {
  const { lines, logger } = logged("info", true);
  logger.info({ connection: "c1" }, "connected");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "info",
    connection: "c1",
    message: "connected",
  });
});

it("counts a call that failed, with its code and without its arguments", async () => {
  const { lines, logger } = logged("debug");
  const call: Parameters<ReturnType<typeof callLog>>[0] = {
    procedure: "whisper",
    args: { positional: ["hush"], named: {} },
    input: (async function* () {})(),
    meta: {},
    peer: { id: "c1", remote: "here", dialect: "native" },
    signal: new AbortController().signal,
  };
  const refuse = async () => {
    throw new SealwireError("CONFLICT", "no");
  };
  await expect(callLog(logger)(call, refuse)).rejects.toThrow("no");
  expect(lines[0]).toMatch(/call failed procedure=whisper connection=c1 ms=\S+ code=CONFLICT$/);
  expect(lines[0]).not.toContain("hush");
});
