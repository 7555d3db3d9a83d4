import { describe, expect, it } from "vitest";
import { formatPublicKey } from "../crypto/format-keys.ts";
import { generateKeys, readKeys } from "./keys.node.ts";

describe("keys as text", () => {
  it("are read as the pair that was made", async () => {
    const { publicKey, secretKey } = await generateKeys();

    const pair = await readKeys(`${secretKey}\n`);

    expect(formatPublicKey(pair.publicKey)).toBe(publicKey);
  });

  it("are new each time", async () => {
    const [one, other] = [await generateKeys(), await generateKeys()];

    expect(one.secretKey).not.toBe(other.secretKey);
  });

  it("are refused when mistyped, without being shown", async () => {
    const { secretKey } = await generateKeys();
    const mistyped = `${secretKey.slice(0, -1)}${secretKey.endsWith("A") ? "B" : "A"}`;

    const error = await readKeys(mistyped).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(String(error)).not.toContain(mistyped.slice(6, 20));
  });
});
