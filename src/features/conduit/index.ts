export {
  type Conduit,
  type ConduitArguments,
  type ConduitCallOptions,
  type ConduitHealth,
  conduit,
} from "./conduit.ts";
export type { DiscoveredMethod } from "./discovered-methods.ts";
