import type { MetricsSnapshot, ProcedureMetrics } from "./metrics.ts";
import type { Family, Sample } from "./prometheus-text.ts";

/** A snapshot as metrics of Prometheus. */
export function familiesOf(prefix: string, snapshot: MetricsSnapshot): readonly Family[] {
  const { procedures, connections, traffic, cluster, runningCalls, uptimeSeconds } = snapshot;
  const all = Object.entries(procedures);
  const one = (name: string, type: Family["type"], help: string, value: number): Family => ({
    ...{ name: `${prefix}_${name}`, type, help },
    samples: [{ value }],
  });
  return [
    {
      name: `${prefix}_calls_total`,
      type: "counter",
      help: "Calls that ended, by procedure and code.",
      samples: all.flatMap(([procedure, { ends }]) => endsOf(procedure, ends)),
    },
    {
      name: `${prefix}_call_duration_seconds`,
      type: "histogram",
      help: "How long handlers took.",
      samples: all.flatMap(([procedure, measured]) => durationsOf(procedure, measured)),
    },
    one("calls_running", "gauge", "Calls that run now.", runningCalls),
    one("connections_open", "gauge", "Connections that are open.", connections.open),
    one("connections_total", "counter", "Connections since the start.", connections.total),
    one("sent_bytes_total", "counter", "Bytes sent.", traffic.sentBytes),
    one("received_bytes_total", "counter", "Bytes received.", traffic.receivedBytes),
    one("sent_messages_total", "counter", "Messages sent.", traffic.sentMessages),
    one("received_messages_total", "counter", "Messages received.", traffic.receivedMessages),
    one("uptime_seconds", "gauge", "Seconds since the start.", uptimeSeconds),
    ...(cluster
      ? [
          one("cluster_other_nodes", "gauge", "Other nodes that are there.", cluster.otherNodes),
          one("cluster_reachable", "gauge", "Whether the engine is.", Number(cluster.reachable)),
        ]
      : []),
  ];
}

function endsOf(procedure: string, ends: ProcedureMetrics["ends"]): readonly Sample[] {
  return Object.entries(ends).map(([code, value]) => ({ labels: { procedure, code }, value }));
}

function durationsOf(
  procedure: string,
  { buckets, calls, averageMs }: ProcedureMetrics,
): readonly Sample[] {
  const bucket = (le: string, value: number): Sample => ({
    ...{ suffix: "_bucket", labels: { procedure, le }, value },
  });
  return [
    ...buckets.map(([seconds, value]) => bucket(String(seconds), value)),
    bucket("+Inf", calls),
    { suffix: "_sum", labels: { procedure }, value: (averageMs * calls) / 1000 },
    { suffix: "_count", labels: { procedure }, value: calls },
  ];
}
