import { ERROR_CODES, type ErrorCode } from "../../core/model/errors.ts";

/**
 * The code that a name on the wire stands for: the native wire carries each by its own name, as
 * the table in the test holds fast. A name of a later version arrives as `UNKNOWN`.
 */
export function codeFrom(name: string): ErrorCode {
  return ERROR_CODES.find((code) => code === name) ?? "UNKNOWN";
}
