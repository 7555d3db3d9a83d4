import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CALLS, type Exchange, RAW_REQUESTS } from "../../../test/zmq-password/exchanges.ts";
import {
  PASSWORD,
  type RawClient,
  type RawServer,
  rawServer,
} from "../../../test/zmq-password/raw-client.ts";
import { encodeUtf8 } from "../../bytes/text.ts";
import { pythonJson } from "../../codecs/python-json.ts";
import type { Server } from "../../server/server.ts";
import { AskingSession } from "./asking-session.ts";
import { formatRequest } from "./messages.ts";

/** Where our answer differs from the recorded one, and why. */
const OTHER_REPLIES: Readonly<Record<string, string>> = {
  // JavaScript does not tell 3.0 from 3.
  "add-float-integral": '{"status": "ok", "result": 3}',
  // Not JSON: we never send it, though we read it.
  "return-nan":
    '{"status": "error", "error": "the answer cannot be sent: Out of range float values are not JSON compliant"}',
};

/** And where our client writes other bytes. */
const OTHER_REQUESTS: Readonly<Record<string, string>> = {
  "add-float-integral":
    '{"password": "s3cret-p\\u00e4sswort", "func": "add", "args": [1, 2], "kwargs": {}}',
};

/** What the original client gave its caller, as ours gives it. */
const OUTCOMES: Readonly<Record<string, unknown>> = {
  "return-nan": { value: Number.NaN },
  "echo-bigint": { value: 9007199254740993n },
  "unknown-function": { code: "NOT_FOUND", message: "Funktion nope nicht gefunden" },
  "function-raises": { code: "INTERNAL", message: "böse" },
  "missing-argument": {
    code: "INTERNAL",
    message: "add() missing 1 required positional argument: 'b'",
  },
  "wrong-password": { code: "UNAUTHENTICATED", message: "Ungültiges Passwort" },
  "null-password": { code: "UNAUTHENTICATED", message: "Ungültiges Passwort" },
};

const json = pythonJson();
let raw: RawServer;
let client: RawClient;

beforeAll(async () => {
  raw = await rawServer(register);
  client = await raw.connect();
});

afterAll(() => raw.close());

/** The functions of the recorded server. */
function register(server: Server): void {
  const any = { "~standard": { version: 1, vendor: "test", validate: required } } as const;
  server.expose({ ping: () => "pong", ret_nan: () => Number.NaN });
  server.procedure("add", { params: { a: any, b: any } }, ({ a, b }) => Number(a) + Number(b));
  server.procedure("echo", { params: { value: any } }, ({ value }) => value);
  server.procedure("fail", { params: { message: any } }, ({ message }) => {
    throw new TypeError(String(message));
  });
}

function required(value: unknown) {
  return value === undefined ? { issues: [{ message: "missing" }] } : { value };
}

describe("our server", () => {
  it.each([...CALLS, ...RAW_REQUESTS])(
    "answers $name with the recorded bytes",
    async (exchange) => {
      const { name, request, reply } = exchange;
      expect(await client.ask(request)).toBe(OTHER_REPLIES[name] ?? reply);
    },
  );
});

describe("our client", () => {
  it.each(CALLS)("writes $name with the recorded bytes", ({ name, requestText, request }) => {
    const { func, args, kwargs, password } = asked(request);
    const text = formatRequest(json, password, func, { positional: args, named: kwargs });
    expect(text).toBe(
      OTHER_REQUESTS[name] ?? requestText.replace('"password": null', '"password": ""'),
    );
  });

  it.each(CALLS)("gives its caller of $name what the original gives", (exchange) => {
    const recorded: { readonly result?: unknown } = exchange.reply.includes("NaN")
      ? {}
      : JSON.parse(exchange.reply);
    expect(outcome(exchange)).toEqual(OUTCOMES[exchange.name] ?? { value: recorded.result });
  });
});

interface Asked {
  readonly password: string;
  readonly func: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

function asked(request: Uint8Array): Asked {
  const fields = json.parse(request) as Asked;
  return { ...fields, password: fields.password ?? "" };
}

function outcome({ request, reply }: Exchange): unknown {
  const session = new AskingSession(json, PASSWORD);
  const { func, args, kwargs } = asked(request);
  const id = session.nextCallId();
  const message = { kind: "call", id, procedure: func } as const;
  session.encode([{ ...message, args: { positional: args, named: kwargs } }]);
  const [answer] = session.decode(encodeUtf8(reply));
  expect(answer).toMatchObject({ id });
  if (answer?.kind === "result") return { value: answer.value };
  return answer?.kind === "error" ? answer.failure : undefined;
}
