import { describe, expect, test } from "vitest";
import {
  dialectOf,
  everybody,
  fixedKeys,
  greet,
  IDENTITY,
  tryToGreet,
} from "../../../test/native/greeting.ts";
import type { Credentials } from "../../core/model/credentials.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });

describe("a server", () => {
  test("refuses wrong tokens, keys and secrets, sealed once it is known", async () => {
    const wrong: readonly Credentials[] = [
      { scheme: "token", token: "guessed" },
      { scheme: "key-pair", secretKey: fixedKeys("stranger").secretKey },
      { scheme: "secret", secret: fixedKeys("stranger").secretKey },
    ];
    for (const credentials of wrong) {
      const { client, server, written } = await tryToGreet({ credentials });
      expect(client).toEqual(code("UNAUTHENTICATED"));
      expect(server).toEqual(code("UNAUTHENTICATED"));
      const alert = written.at(-1)?.bytes[0] === 0;
      expect(alert).toBe(credentials.scheme === "secret");
    }
  });

  test("keeps to itself what went wrong inside it", async () => {
    const authenticate = async () => {
      throw new Error("database password is hunter2");
    };
    const { client, server } = await tryToGreet({ authenticator: { authenticate } });
    expect(client).toEqual(code("INTERNAL"));
    expect(String(client)).not.toContain("hunter2");
    expect(server).toEqual(code("INTERNAL"));
  });

  test("shows its name to nobody whom it refuses", async () => {
    const authenticator = await everybody();
    const refusing = { authenticate: async () => undefined };
    const { client } = await tryToGreet({ authenticator: { ...authenticator, ...refusing } });
    expect(client).toEqual(code("UNAUTHENTICATED"));
    expect(JSON.stringify(client)).not.toContain("test server");
  });

  test("speaks only with its own application", async () => {
    const { client } = await tryToGreet({ client: { application: "chess" } });
    expect(client).toEqual(code("HANDSHAKE_FAILED"));
    const { server } = await greet({
      client: { application: "chess" },
      server: { application: "chess" },
    });
    expect(server.principal?.id).toBe("anonymous");
  });

  test("makes keys of its own when it was given none, the same at each look", async () => {
    const dialect = dialectOf({ identity: undefined as never });
    expect(await dialect.identity()).toBe(await dialect.identity());
    expect((await dialect.identity()).publicKey).not.toEqual(IDENTITY.publicKey);
  });
});
