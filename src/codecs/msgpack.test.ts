import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes, nested, refusal, values } from "../../test/codecs/values.ts";
import { msgpackCodec } from "./msgpack.ts";

const codec = msgpackCodec();

function roundTrip(value: unknown): unknown {
  return codec.decode(codec.encode(value));
}

describe("what arrives is what was sent", () => {
  it("for any value of the kinds that travel", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(roundTrip(value)).toEqual(value);
      }),
    );
  });

  it.each([0n, 1n, -1n, 255n, 256n, -(2n ** 64n), 2n ** 8191n])("for the bigint %s", (value) => {
    expect(roundTrip(value)).toBe(value);
  });

  it.each([0, 1, -1, 999, 1e12 + 1, 2 ** 34 * 1000, -8.64e15, 8.64e15])(
    "for the moment %d, to the millisecond",
    (ms) => {
      expect(roundTrip(new Date(ms))).toEqual(new Date(ms));
    },
  );

  it.each([
    Int8Array.of(-1, 2),
    Uint8ClampedArray.of(255),
    Int16Array.of(-300),
    Uint16Array.of(65_535),
    Int32Array.of(-70_000),
    Uint32Array.of(2 ** 32 - 1),
    Float32Array.of(1.5),
    Float64Array.of(Math.PI, Number.NaN),
    BigInt64Array.of(-(2n ** 63n)),
    BigUint64Array.of(2n ** 64n - 1n),
    bytes(1, 2, 3).buffer,
  ])("for %o", (value) => {
    expect(roundTrip([value])).toEqual([value]);
  });

  it("for every kind of value at every place around the end of the first buffer", () => {
    const kinds = [
      1,
      200,
      60_000,
      2 ** 31,
      2 ** 40,
      -1,
      -100,
      -30_000,
      -(2 ** 31),
      -(2 ** 40),
      0.5,
    ];
    const others = ["é", "x".repeat(300), bytes(1, 2), { a: 1 }, new Set([-(2 ** 50)]), 2n ** 70n];
    for (const value of [...kinds, ...others]) {
      for (let before = 1_990; before < 2_060; before++) {
        // A codec of its own, because a buffer that grew once stays large.
        const fresh = msgpackCodec();
        const placed = ["x".repeat(before), value];
        expect(codec.decode(fresh.encode(placed))).toEqual(placed);
      }
    }
  });

  it("for errors with code and cause, but without the stack", () => {
    const cause = new TypeError("inner");
    const error = Object.assign(new RangeError("outer", { cause }), { code: "E_OUTER" });
    const arrived = roundTrip(error);
    expect(arrived).toBeInstanceOf(Error);
    expect(arrived).toMatchObject({
      name: "RangeError",
      message: "outer",
      code: "E_OUTER",
      stack: "RangeError: outer",
    });
    expect(arrived).toHaveProperty("cause.name", "TypeError");
  });

  it("for errors whose cause cannot travel, without the cause", () => {
    expect(roundTrip(new Error("kept", { cause: () => {} }))).toHaveProperty("message", "kept");
    const endless = new Error("round");
    endless.cause = endless;
    expect(roundTrip(endless)).toHaveProperty("cause.cause.message", "round");
  });

  it("for strings cut in the middle of a surrogate pair", () => {
    expect(roundTrip("ok \ud83d")).toBe("ok \ud83d");
  });

  it("for keys that name members every object has", () => {
    const names = ["constructor", "toString", "then", "hasOwnProperty", "valueOf"];
    const value = Object.fromEntries(names.map((name, i) => [name, i]));
    const arrived = roundTrip(value);
    expect(Object.entries(arrived as object)).toEqual(Object.entries(value));
    expect(Object.getPrototypeOf(arrived)).toBe(Object.prototype);
  });
});

describe("what is changed on the way, as documented", () => {
  it("undefined is left out of objects and is null elsewhere", () => {
    expect(roundTrip({ a: undefined, b: [undefined], c: 1 })).toEqual({ b: [null], c: 1 });
    expect(Object.keys(roundTrip({ a: undefined }) as object)).toEqual([]);
    expect(roundTrip(undefined)).toBeNull();
  });

  it("a Buffer arrives as a Uint8Array, also when it is read out of a Buffer", () => {
    const arrived = codec.decode(Buffer.from(codec.encode(Buffer.from("abc"))));
    expect(arrived).toEqual(new TextEncoder().encode("abc"));
    expect(arrived?.constructor).toBe(Uint8Array);
  });

  it("bytes are views of what was received", () => {
    const received = codec.encode([bytes(1, 2, 3)]);
    const [view] = codec.decode(received) as [Uint8Array];
    expect(view.buffer).toBe(received.buffer);
  });
});

describe("bytes handed out", () => {
  it("of encode stay as they are", () => {
    const first = codec.encode("first");
    const large = codec.encode("x".repeat(400_000));
    codec.encode("second");
    codec.encode("y".repeat(400_000));
    expect(codec.decode(first)).toBe("first");
    expect(codec.decode(large)).toBe("x".repeat(400_000));
  });

  it("of encodeShared equal those of encode until the next call", () => {
    expect(codec.encodeShared([1, "a"]).slice()).toEqual(codec.encode([1, "a"]));
  });
});

describe("what cannot travel is refused when it is encoded", () => {
  class Account {
    readonly secret = "hunter2";
  }

  it.each([
    ["a function", () => {}],
    ["a symbol", Symbol("s")],
    ["a function in an object", { f() {} }],
    ["an instance of a class", new Account()],
    ["a URL", new URL("http://localhost")],
    ["a regular expression", /x/],
    ["a promise", Promise.resolve()],
    ["a WeakMap", new WeakMap()],
    ["a DataView", new DataView(new ArrayBuffer(1))],
    ["an invalid date", new Date(Number.NaN)],
    ["an own key __proto__", JSON.parse('{"__proto__":1}')],
    ["an own key __proto__ in a map", new Map([[1, JSON.parse('{"__proto__":1}')]])],
    ["too many levels", nested(65)],
  ])("%s", (_, value) => {
    expect(refusal(() => codec.encode(value))).toBe("INVALID_ARGUMENT");
  });

  it("naming the class, never the content", () => {
    expect(() => codec.encode({ a: [new Account()] })).toThrow(/class Account/);
    expect(() => codec.encode(new Account())).not.toThrow(/hunter2/);
  });

  it("a value that contains itself, by array, object, map or set", () => {
    const array: unknown[] = [];
    array.push(array, array);
    const object: Record<string, unknown> = {};
    object["self"] = object;
    const map = new Map<string, unknown>();
    map.set("self", map);
    const set = new Set<unknown>();
    set.add([set]);
    const codes = [array, object, map, set].map((value) => refusal(() => codec.encode(value)));
    expect(codes).toEqual(Array.from({ length: 4 }, () => "INVALID_ARGUMENT"));
  });

  it("a getter that throws", () => {
    const value = Object.defineProperty({}, "a", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });
    expect(refusal(() => codec.encode(value))).toBe("INVALID_ARGUMENT");
  });

  it("a small value that is endless once written out", () => {
    let value: unknown = [1];
    for (let i = 0; i < 50; i++) value = [value, value];
    expect(refusal(() => codec.encode(value))).toBe("TOO_LARGE");
  });

  it("a bigint of more than 8192 bits", () => {
    expect(refusal(() => codec.encode(2n ** 8192n))).toBe("TOO_LARGE");
  });

  it("and the codec works on afterwards", () => {
    refusal(() => codec.encode([1, new Map([[1, () => {}]])]));
    expect(roundTrip([1, new Map([[1, 2]])])).toEqual([1, new Map([[1, 2]])]);
  });
});
