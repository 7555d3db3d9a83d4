import { describe, expect, it } from "vitest";
import { type MsgpackCodec, msgpackCodec, msgpackCodecs } from "./msgpack.ts";

describe("bytes that travel beside the message", () => {
  const large = new Uint8Array(5000).fill(7);

  function carrier(): { readonly carried: Uint8Array[]; readonly codec: MsgpackCodec } {
    const carried: Uint8Array[] = [];
    const put = (given: Uint8Array) => (given.length > 100 ? carried.push(given) - 1 : undefined);
    return { carried, codec: msgpackCodec({}, { put, get: (index) => carried[index] }) };
  }

  it("are taken out where they are wanted and put back in their place", () => {
    const { carried, codec } = carrier();
    const value = { small: Uint8Array.of(1), list: [large, new Map([["deep", large]])] };
    const encoded = codec.encode(value);
    expect(encoded.length).toBeLessThan(100);
    expect(carried).toEqual([large, large]);
    expect(codec.decode(encoded)).toEqual(value);
  });

  it("must have travelled when a message refers to them", () => {
    const encoded = carrier().codec.encode(large);
    const refused = expect.objectContaining({ code: "PROTOCOL_VIOLATION" });
    expect(() => carrier().codec.decode(encoded)).toThrow(refused);
    expect(() => msgpackCodec().decode(encoded)).toThrow(refused);
  });

  it("stay with their codec although others share its buffers, even in the middle of a value", () => {
    const codecs = msgpackCodecs();
    const mine: Uint8Array[] = [];
    const other: Uint8Array[] = [];
    const first = codecs({ put: (given) => mine.push(given) - 1, get: (index) => mine[index] });
    const second = codecs({ put: (given) => other.push(given) - 1, get: (index) => other[index] });
    const value = {
      get nosy() {
        return String(second.decode(second.encode(Uint8Array.of(2))));
      },
      late: Uint8Array.of(1),
    };
    const encoded = first.encode(value);
    expect(mine).toEqual([Uint8Array.of(1)]);
    expect(other).not.toContainEqual(Uint8Array.of(1));
    expect(first.decode(encoded)).toHaveProperty("late", Uint8Array.of(1));
    expect(codecs().encode(Uint8Array.of(3))).toEqual(Uint8Array.of(0xc4, 1, 3));
  });
});
