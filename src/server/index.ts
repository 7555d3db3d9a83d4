export type {
  ContractOf,
  Exposed,
  Functions,
  Params,
  ParamsOf,
} from "../core/engine/procedures.ts";
export type { BroadcastOptions, EventOptions, EventReceiver } from "./events.ts";
export type { ListenOptions, ServerConfig, ServerOptions, SlowConsumer } from "./options.ts";
export { type Listening, Server } from "./server.ts";
