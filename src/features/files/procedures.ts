import type { Host } from "../../core/contracts/feature.ts";
import { bindNamed } from "../../core/engine/bind.ts";
import type { Peer } from "../../core/model/peer.ts";
import { toldErrors } from "./file-errors.ts";
import type { FileAccess } from "./options.ts";

/** Answers one of the calls about files; arguments are checked. */
export type Answer = (given: Readonly<Record<string, unknown>>, peer: Peer) => Promise<unknown>;

/** Registers calls about files, whose failures are told as results. */
export function fileProcedures(
  host: Host,
  access: FileAccess,
): (name: string, params: Parameters<typeof bindNamed>[0], answer: Answer) => void {
  return (name, params, answer) => {
    const handler = bindNamed(params, (given, { peer }) => toldErrors(() => answer(given, peer)));
    host.procedure(name, { ...access, params }, handler);
  };
}
