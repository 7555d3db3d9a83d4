import { beforeAll, describe, expect, test } from "vitest";
import { channelFrom, channelTo } from "../../../test/native/channels.ts";
import {
  acceptorOf,
  dialectOf,
  type GreetingCase,
  greet,
  IDENTITY,
  initiatorOf,
  tryToGreet,
} from "../../../test/native/greeting.ts";
import { wirePair } from "../../../test/native/wires.ts";
import { passwords } from "../../auth/passwords.ts";
import { encodeHex } from "../../bytes/text.ts";
import type { Authenticator } from "../../core/contracts/authenticator.ts";
import type { Credentials } from "../../core/model/credentials.ts";
import type { Message } from "../../core/model/message.ts";
import { createPakeSetup, registerPassword, startPakeServer } from "../../crypto/pake.ts";

const RIGHT: Credentials = { scheme: "password", user: "eve", password: "correct horse" };
const WRONG: Credentials = { ...RIGHT, password: "wrong horse" };
const code = (expected: string) => expect.objectContaining({ code: expected });

const authenticator = passwords({ eve: "correct horse" });
const withPassword = (credentials: Credentials): GreetingCase => ({ credentials, authenticator });

/** Accepts whoever proves the password of one record, without a record for anybody else. */
async function oneRecord(): Promise<Authenticator & { tries: boolean[] }> {
  const record = await registerPassword("eve", "correct horse", await createPakeSetup());
  const tries: boolean[] = [];
  return {
    tries,
    async authenticate(evidence) {
      if (evidence.scheme !== "pake") return undefined;
      const proven = await evidence.prove(evidence.user === "eve" ? record : undefined);
      tries.push(proven);
      return proven ? { id: evidence.user, scopes: new Set() } : undefined;
    },
  };
}

/** The lengths of what went over the wire, by which an onlooker could tell cases apart. */
async function shapeOf(given: GreetingCase): Promise<readonly string[]> {
  const { written } = await tryToGreet(given);
  return written.map(({ from, bytes }) => `${from} ${bytes.length}`);
}

// Registering stretches each password, which is not what these tests are about.
beforeAll(async () => {
  await greet(withPassword(RIGHT));
}, 20_000);

describe("a password", () => {
  test("proves its user, never crosses the wire, and changes the keys of both directions", async () => {
    const { client, server, written } = await greet(withPassword(RIGHT));
    expect(server.principal?.id).toBe("eve");
    const wire = written.map(({ bytes }) => Buffer.from(bytes).toString("latin1")).join("");
    expect(wire).not.toContain("correct horse");
    expect(wire).not.toContain("eve");
    const ping: Message = { kind: "ping" };
    const carry = (frame: Uint8Array) => server.decode(frame.slice());
    expect(client.encode([ping]).flatMap(carry)).toEqual([ping]);
    expect(server.encode([ping]).flatMap((frame) => client.decode(frame))).toEqual([ping]);
    expect(encodeHex(client.binding ?? new Uint8Array(0))).toBe(
      encodeHex(server.binding ?? new Uint8Array(1)),
    );
  });

  test("that is wrong is refused on both sides with the words for an unknown user", async () => {
    const wrong = await tryToGreet(withPassword(WRONG));
    const unknown = await tryToGreet(withPassword({ ...RIGHT, user: "nobody" }));
    for (const { client, server } of [wrong, unknown]) {
      expect(client).toEqual(code("UNAUTHENTICATED"));
      expect(server).toEqual(code("UNAUTHENTICATED"));
    }
    expect(String(wrong.client)).toBe(String(unknown.client));
  });

  test("of an unknown user looks like a wrong one on the wire, record or none", async () => {
    const ours = await oneRecord();
    for (const judge of [authenticator, ours]) {
      const wrong = await shapeOf({ credentials: WRONG, authenticator: judge });
      const nobody = { ...RIGHT, user: "bob" };
      expect(await shapeOf({ credentials: nobody, authenticator: judge })).toEqual(wrong);
      expect(wrong).toHaveLength(6);
    }
    expect(ours.tries).toEqual([false, false]);
  });

  test("is tried once in a greeting, whoever asks again", async () => {
    const ours = await oneRecord();
    const twice: Authenticator = {
      async authenticate(evidence, peer) {
        if (evidence.scheme !== "pake") return undefined;
        expect(await evidence.prove(undefined)).toBe(false);
        return ours.authenticate(evidence, peer);
      },
    };
    const { client } = await tryToGreet({ credentials: RIGHT, authenticator: twice });
    // The refusal itself, not a second exchange that the client would have to guess the sense of.
    expect(String(client)).toContain("these credentials are not accepted here");
    expect(ours.tries).toEqual([false]);
  });

  test("works at a first contact as well", async () => {
    const { server } = await greet({ ...withPassword(RIGHT), serverKeys: [] });
    expect(server.principal?.id).toBe("eve");
  });

  test("is asked for by nobody who knows no passwords", async () => {
    const { client } = await tryToGreet({ credentials: RIGHT });
    expect(client).toEqual(code("UNAUTHENTICATED"));
  });

  test("cannot be claimed: a server that says yes without a proof admits nobody", async () => {
    const authenticate = async () => ({ id: "eve", scopes: new Set<string>() });
    const { client, server } = await tryToGreet({
      credentials: RIGHT,
      authenticator: { authenticate },
    });
    expect(client).toEqual(code("UNAUTHENTICATED"));
    expect(server).toEqual(code("UNAUTHENTICATED"));
  });
});

describe("somebody between client and server", () => {
  /**
   * Has a channel of its own to each side, the client having taken its key at a first contact, and
   * hands on what the two say inside: everything but what ties the proof to one channel.
   */
  test("who hands on the proof between two channels is found out by the server", async () => {
    const [toClient, toServer] = [wirePair(), wirePair()];
    const accepting = dialectOf().accept(toServer.server, await acceptorOf(withPassword(RIGHT)));
    const connecting = dialectOf().connect(
      toClient.client,
      initiatorOf({ ...withPassword(RIGHT), serverKeys: [] }),
    );
    const outcomes = Promise.allSettled([connecting, accepting]);
    await joinChannels(toClient, toServer);
    const [client, server] = await outcomes;
    expect(server).toMatchObject({ status: "rejected", reason: { code: "UNAUTHENTICATED" } });
    expect(client).toMatchObject({ status: "rejected" });
  });
});

test("a server that knows the password but not this channel is not believed", async () => {
  const record = await registerPassword("eve", "correct horse", await createPakeSetup());
  const pair = wirePair();
  const given = { credentials: RIGHT, serverKeys: [] };
  const connecting = dialectOf().connect(pair.client, initiatorOf(given));
  const refused = expect(connecting).rejects.toThrow(/stand between/);
  const channel = await channelFrom(pair.server);
  const { start } = await channel.hear();
  const login = await startPakeServer(record, start as Uint8Array);
  await channel.say({ response: login.response });
  await channel.hear();
  await channel.say({ maxFrameBytes: 65_536, features: [], mac: new Uint8Array(32) });
  await refused;
});

/** Noise on both sides by hand, then the maps of one greeting said into the other. */
async function joinChannels(
  left: ReturnType<typeof wirePair>,
  right: ReturnType<typeof wirePair>,
): Promise<void> {
  const [facingClient, facingServer] = await Promise.all([
    channelFrom(left.server),
    channelTo(right.client, IDENTITY.publicKey),
  ]);
  await facingServer.say(await facingClient.hear());
  await facingClient.say(await facingServer.hear());
  await facingServer.say(await facingClient.hear());
  await facingClient.say(await facingServer.hear().catch(() => ({ mac: new Uint8Array(32) })));
  left.end();
  right.end();
}
