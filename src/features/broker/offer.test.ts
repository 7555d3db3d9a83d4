import fc from "fast-check";
import { expect, it } from "vitest";
import { CALLER, readCaller, withCaller } from "../../core/engine/caller.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type Offer, readOffer } from "./offer.ts";

/** The offer, or the code of the refusal. */
function read(value: unknown): Offer | string {
  try {
    return readOffer(value);
  } catch (thrown) {
    return SealwireError.from(thrown, "UNKNOWN").code;
  }
}

const almost = fc.record(
  {
    concurrency: fc.oneof(fc.integer(), fc.anything()),
    procedures: fc.oneof(fc.array(fc.record({ name: fc.string(), scopes: fc.anything() }))),
  },
  { requiredKeys: [] },
);

it("reads an offer or refuses it with a code, whatever comes", () => {
  const property = fc.property(fc.oneof(fc.anything(), almost), (value) => {
    const offer = read(value);
    if (typeof offer === "string") {
      expect(offer).toBe("INVALID_ARGUMENT");
      return;
    }
    expect(offer.concurrency).toBeGreaterThan(0);
    for (const name of offer.procedures.keys()) expect(name.startsWith("$")).toBe(false);
  });
  fc.assert(property);
});

it("takes names such as __proto__ for names", () => {
  const offer = readOffer({ concurrency: 1, procedures: [{ name: "__proto__", public: true }] });
  expect(offer.procedures.get("__proto__")).toMatchObject({ public: true, idempotent: false });
});

it("tells a worker who calls, and nothing where nobody has proven himself", () => {
  const principal = { id: 7, scopes: new Set(["a"]) };
  const claimed = { trace: "t", [CALLER]: '{"id":"root","scopes":["admin"]}' };
  expect(readCaller(withCaller(claimed, principal))).toEqual({ meta: { trace: "t" }, principal });
  expect(withCaller(claimed, undefined)).toEqual({ trace: "t" });
});

it("takes garbage in the place of the caller for nobody", () => {
  const property = fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    const { principal } = readCaller({ [CALLER]: text });
    if (principal) expect(["string", "number"]).toContain(typeof principal.id);
  });
  fc.assert(property);
});
