export { type MemoryOptions, memoryPair } from "../transports/memory/channel.ts";
