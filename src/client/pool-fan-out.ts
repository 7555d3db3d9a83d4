import type { CallArguments } from "../core/engine/arguments.ts";
import type { CallOptions } from "../core/engine/call-options.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { Client } from "./client.ts";
import type { Member, PoolMember } from "./pool-member.ts";

/** How a call of all members ended at one of them. */
export type MemberOutcome =
  | { readonly member: PoolMember; readonly status: "fulfilled"; readonly value: unknown }
  | { readonly member: PoolMember; readonly status: "rejected"; readonly reason: SealwireError };

/** One call at each member that can send now; one that fails does not keep the others from it. */
export function callEach(
  members: readonly Member[],
  procedure: string,
  args: CallArguments | undefined,
  options: CallOptions,
): Promise<readonly MemberOutcome[]> {
  if (options.input) throw oneInput();
  return Promise.all(
    usableOf(members).map(async ({ member, client }): Promise<MemberOutcome> => {
      try {
        const value = await member.counts.call(() => client.call(procedure, args, options));
        return { member, status: "fulfilled", value };
      } catch (thrown) {
        return { member, status: "rejected", reason: SealwireError.from(thrown) };
      }
    }),
  );
}

/** One event to each member that can take it now. Resolves with how many they were. */
export async function emitEach(
  members: readonly Member[],
  name: string,
  data: unknown,
): Promise<number> {
  const listening = usableOf(members).filter(({ member }) => member.takesEvents);
  const told = await Promise.allSettled(listening.map(({ client }) => client.emit(name, data)));
  return told.filter(({ status }) => status === "fulfilled").length;
}

function usableOf(
  members: readonly Member[],
): readonly { readonly member: Member; readonly client: Client }[] {
  return members.flatMap((member) => {
    const client = member.usable;
    return client ? [{ member, client }] : [];
  });
}

function oneInput(): SealwireError {
  const message = "the items of one input cannot go to all servers of a pool; call each of them";
  return new SealwireError("INVALID_ARGUMENT", message);
}
