import { piscina } from "../../src/adapters/piscina/index.ts";
import { executorSuite } from "../../src/testing/executor-suite.ts";

executorSuite("piscina", () => ({
  executor: piscina({ threads: 2, maxQueue: 1 }),
  capacity: 3,
}));
