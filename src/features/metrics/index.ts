export {
  type Metrics,
  type MetricsOptions,
  type MetricsSnapshot,
  metrics,
  type ProcedureMetrics,
} from "./metrics.ts";
