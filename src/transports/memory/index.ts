export { type MemoryOptions, memoryPair } from "./channel.ts";
export { memory } from "./memory.ts";
