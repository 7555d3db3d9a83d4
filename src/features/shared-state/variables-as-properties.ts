import { SealwireError } from "../../core/model/errors.ts";
import type { SharedStateClient, StateMembers } from "./shared-state-client.ts";

/** Members as they are, every other name a variable: reading looks it up, assigning sends it. */
export function variablesAsProperties(
  state: StateMembers,
  onError: (error: SealwireError, name: string) => void,
): SharedStateClient {
  const members: StateMembers = {
    get: (name) => state.get(name),
    set: (name, value, options) => state.set(name, value, options),
    cas: (name, value, expected) => state.cas(name, value, expected),
    add: (name, amount) => state.add(name, amount),
    delete: (name, options) => state.delete(name, options),
    fetch: (name) => state.fetch(name),
    entry: (name) => state.entry(name),
    history: (name) => state.history(name),
    refresh: () => state.refresh(),
    follow: () => state.follow(),
    watch: (target, options) => state.watch(target, options),
    all: () => state.all(),
  };
  return new Proxy<SharedStateClient>(Object.freeze({ ...members }), {
    get: (_target, name) => {
      // `await` looks for `then` on everything; one that was a variable would confuse it.
      if (name === "then") return undefined;
      return isVariable(name, members) ? state.get(name) : Reflect.get(members, name);
    },
    set: (_target, name, value: unknown) => {
      if (!isVariable(name, members)) return false;
      state.set(name, value).catch((thrown: unknown) => {
        onError(SealwireError.from(thrown), name);
      });
      return true;
    },
  });
}

/** Names of members and of what every object has stay what they are, whoever sets such a name. */
function isVariable(name: string | symbol, members: StateMembers): name is string {
  return typeof name === "string" && name !== "then" && !(name in members);
}
