export type {
  ContractOf,
  Exposed,
  Functions,
  Params,
  ParamsOf,
} from "../core/engine/procedures.ts";
export type { BroadcastOptions, EventOptions, EventReceiver } from "./events.ts";
export type { Listening } from "./listeners.ts";
export type { ListenOptions, ServerConfig, ServerOptions, SlowConsumer } from "./options.ts";
export { Server } from "./server.ts";
