export {
  type MemoryClusterHub,
  type MemoryClusterOptions,
  memoryClusterHub,
} from "./hub.ts";
