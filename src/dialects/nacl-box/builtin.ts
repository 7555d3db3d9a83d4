import { SealwireError } from "../../core/model/errors.ts";
import type { Arguments } from "../../core/model/message.ts";

/** A function that every server of the original has: anybody is told the server's key. */
export const GET_PUBLIC_KEY = "__get_public_key__";
/** Another: stores a shared variable. */
export const UPDATE_SHARED_VAR = "__update_shared_var__";
/** The procedure that stores a shared variable, whichever wire asks: (name, value). */
export const STATE_PUT = "$state.put";

/** @throws `INVALID_ARGUMENT` for arguments, as the engine refuses them where none are declared */
export function checkNoArguments({ positional, named }: Arguments): void {
  const [field] = Object.keys(named);
  const unexpected = { message: "no such parameter", type: "unexpected" };
  if (field !== undefined) throw refused({ errors: [{ field, ...unexpected }] });
  if (positional.length > 0) throw refused({ given: positional.length, takes: 0 });
}

function refused(details: unknown): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", `${GET_PUBLIC_KEY} takes no arguments`, { details });
}
