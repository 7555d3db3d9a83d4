import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeHex, encodeUtf8 } from "../bytes/text.ts";
import { SealwireError } from "../core/model/errors.ts";
import {
  createPakeSetup,
  falseRecord,
  registerPassword,
  startPakeClient,
  startPakeServer,
} from "./pake.ts";

const setup = await createPakeSetup();
const record = await registerPassword("ann", "tiger", setup);

test("both sides of a login arrive at the same key, another one each time", async () => {
  const [first, second] = [await login("tiger"), await login("tiger")];
  expect(first.client).toBe(first.server);
  expect(first.client).toHaveLength(128);
  expect(second.client).not.toBe(first.client);
});

test("the record does not contain the password", () => {
  expect(decodeUtf8(record)).not.toContain("tiger");
});

test("a wrong password is noticed by the client before it answers", async () => {
  expect(await codeOf(() => login("lion"))).toBe("UNAUTHENTICATED");
});

test("a false record answers like a real one and fits no password", async () => {
  const unknown = falseRecord("bob", setup);
  const { request } = await startPakeClient("tiger");
  const [real, fake] = [
    await startPakeServer(record, request),
    await startPakeServer(unknown, request),
  ];
  expect(fake.response).toHaveLength(real.response.length);
  expect(await codeOf(() => login("tiger", unknown))).toBe("UNAUTHENTICATED");
});

test("a false record answers the same request with the same evaluation, as a real one does", async () => {
  const { request } = await startPakeClient("tiger");
  for (const each of [record, falseRecord("bob", setup)]) {
    const [first, again] = [
      await startPakeServer(each, request),
      await startPakeServer(each, request),
    ];
    // The evaluated element comes first (RFC 9807, section 6.3.2.2); the rest is new each time.
    expect(encodeHex(first.response.subarray(0, 32))).toBe(
      encodeHex(again.response.subarray(0, 32)),
    );
    expect(encodeHex(first.response)).not.toBe(encodeHex(again.response));
  }
});

test("a changed last message proves nothing", async () => {
  const client = await startPakeClient("tiger");
  const server = await startPakeServer(record, client.request);
  const { message } = client.finish(server.response);
  message[0] = (message[0] ?? 0) ^ 1;
  expect(await codeOf(async () => server.finish(message))).toBe("UNAUTHENTICATED");
});

test("garbage is refused with a code at every step", async () => {
  const client = await startPakeClient("tiger");
  const server = await startPakeServer(record, client.request);
  const check = fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
    const codes = [
      await codeOf(() => startPakeServer(record, bytes)),
      await codeOf(async () => server.finish(bytes)),
    ];
    expect(codes).toEqual(["HANDSHAKE_FAILED", "UNAUTHENTICATED"]);
    expect(await codeOf(() => startPakeServer(bytes, client.request))).toBe("INVALID_ARGUMENT");
  });
  await fc.assert(check, { numRuns: 50 });
  expect(await codeOf(async () => client.finish(new Uint8Array(5)))).toBe("HANDSHAKE_FAILED");
});

test("a record of another version or with parts missing is refused", async () => {
  const { request } = await startPakeClient("tiger");
  for (const text of ["null", "{}", `{"version":2}`, `{"version":1,"setup":"x","user":"y"}`]) {
    const code = await codeOf(() => startPakeServer(encodeUtf8(text), request));
    expect([text, code]).toEqual([text, "INVALID_ARGUMENT"]);
  }
});

test("an empty password and an endless one are refused", async () => {
  expect(await codeOf(() => startPakeClient(""))).toBe("INVALID_ARGUMENT");
  expect(await codeOf(() => registerPassword("ann", "x".repeat(1025), setup))).toBe(
    "INVALID_ARGUMENT",
  );
});

async function login(password: string, against = record) {
  const client = await startPakeClient(password);
  const server = await startPakeServer(against, client.request);
  const finished = client.finish(server.response);
  return {
    client: encodeHex(finished.sessionKey),
    server: encodeHex(server.finish(finished.message)),
  };
}

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return "";
  } catch (error) {
    return error instanceof SealwireError ? error.code : `not coded: ${error}`;
  }
}
