import type { StandardSchema } from "../../core/contracts/schema.ts";

/** The longest name of a stream, as of procedures and events. */
export const MAX_NAME_LENGTH = 256;

/** The name of a stream. */
export const STREAM_NAME: StandardSchema<unknown, string> = {
  "~standard": {
    version: 1,
    vendor: "sealwire",
    validate: (value) =>
      typeof value === "string" && value !== "" && value.length <= MAX_NAME_LENGTH
        ? { value }
        : { issues: [{ message: `wants text of 1 to ${MAX_NAME_LENGTH} characters` }] },
  },
};
