import { SealwireError } from "../../core/model/errors.ts";

/** What a worker says that it serves. */
export interface Offer {
  /** Calls that it takes at once. */
  readonly concurrency: number;
  readonly procedures: ReadonlyMap<string, OfferedProcedure>;
}

/** One procedure of a worker. Its parameters stay there: it validates what it gets. */
export interface OfferedProcedure {
  readonly name: string;
  readonly public: boolean;
  readonly scopes: readonly string[];
  readonly idempotent: boolean;
  readonly description?: string;
}

/** Bounds of one offer. */
export const OFFER_LIMITS: Readonly<Record<"concurrency" | "procedures" | "scopes", number>> =
  Object.freeze({ concurrency: 4_096, procedures: 1_000, scopes: 64 });

/** Checks what a worker has sent. @throws `INVALID_ARGUMENT` that says what is wrong */
export function readOffer(value: unknown): Offer {
  const { concurrency, procedures } = fieldsOf(value);
  if (!isWhole(concurrency) || concurrency < 1 || concurrency > OFFER_LIMITS.concurrency) {
    throw wrong(`concurrency is a whole number from 1 to ${OFFER_LIMITS.concurrency}`);
  }
  if (!Array.isArray(procedures) || procedures.length > OFFER_LIMITS.procedures) {
    throw wrong(`procedures is a list of at most ${OFFER_LIMITS.procedures}`);
  }
  const read = procedures.map(readProcedure);
  return { concurrency, procedures: new Map(read.map((each) => [each.name, each])) };
}

function readProcedure(value: unknown): OfferedProcedure {
  const fields = fieldsOf(value);
  const { name, description, scopes = [] } = fields;
  if (typeof name !== "string" || name === "" || name.length > MAX_NAME || name.startsWith("$")) {
    throw wrong(`a name is a text of 1 to ${MAX_NAME} characters that does not begin with $`);
  }
  if (!isTexts(scopes) || scopes.length > OFFER_LIMITS.scopes) {
    throw wrong(`the scopes of ${name} are a list of at most ${OFFER_LIMITS.scopes} short texts`);
  }
  return {
    name,
    scopes,
    public: fields["public"] === true,
    idempotent: fields["idempotent"] === true,
    ...(typeof description === "string" && { description: description.slice(0, MAX_DESCRIPTION) }),
  };
}

const MAX_NAME = 256;
const MAX_DESCRIPTION = 4_096;

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null) return { ...value };
  throw wrong("expected { concurrency, procedures: [{ name, … }] }");
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.every((each) => typeof each === "string" && each.length <= MAX_NAME)
  );
}

function wrong(what: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", `this offer cannot be used: ${what}`);
}
