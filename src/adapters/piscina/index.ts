export type { Executor, Task, TaskCall, TaskTarget } from "../../core/contracts/executor.ts";
export { PISCINA_DEFAULTS, type PiscinaOptions } from "./options.ts";
export { piscina } from "./piscina.ts";
