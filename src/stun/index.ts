export { type AskOptions, type Binding, BindingClient } from "./binding-client.ts";
export { answerBinding, type BindingAnswer, type BindingPlace } from "./binding-service.ts";
export { isStun } from "./message.ts";
export {
  discoverNat,
  type FilteringBehaviour,
  type MappingBehaviour,
  type NatReport,
} from "./nat-discovery.ts";
export { natWords, type Reach, reachOf } from "./nat-words.ts";
