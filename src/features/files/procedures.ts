import type { Host } from "../../core/contracts/feature.ts";
import { bindNamed } from "../../core/engine/bind.ts";
import type { Call } from "../../core/model/call.ts";
import { ANONYMOUS } from "../../core/model/peer.ts";
import { toldErrors } from "./file-errors.ts";
import type { FileAccess } from "./options.ts";

/** Answers one of the calls about files; arguments are checked. */
export type Answer = (given: Readonly<Record<string, unknown>>, call: Call) => Promise<unknown>;

/** Registers calls about files, whose failures are told as results. */
export function fileProcedures(
  host: Host,
  access: FileAccess,
): (name: string, params: Parameters<typeof bindNamed>[0], answer: Answer) => void {
  return (name, params, answer) => {
    const handler = bindNamed(params, (given, call) => toldErrors(() => answer(given, call)));
    host.procedure(name, { ...access, params }, handler);
  };
}

/** Who pays for what is uploaded, and finds again what a broken try has left. */
export interface Owner {
  readonly id: string;
  /** Nobody can go on with the upload of somebody who proves nothing. */
  readonly proven: boolean;
}

/** Whose a call is: the principal's, whatever connection it comes by. */
export function ownerOf({ principal, peer }: Call): Owner {
  const { id } = principal ?? peer.principal ?? ANONYMOUS;
  // As JSON, so that the number 7 and the text "7" are two.
  return { id: JSON.stringify(id), proven: id !== ANONYMOUS.id };
}
