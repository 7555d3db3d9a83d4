/** Numbers of many rounds → one table: medians, and ratios to `net` of the same round. */
import { PEERS } from "./work.mjs";

export const COLUMNS = Object.freeze([
  { workload: "w1", key: "p50", title: "W1 p50 us" },
  { workload: "w1", key: "p99", title: "W1 p99 us" },
  { workload: "w2", key: "calls", title: "W2 calls/s" },
  { workload: "w2", key: "cpuPerCall", title: "W2 CPU us" },
  { workload: "w3", key: "k1", title: "W3 1 KiB MB/s" },
  { workload: "w3", key: "k64", title: "W3 64 KiB" },
  { workload: "w3", key: "m1", title: "W3 1 MiB" },
  { workload: "w4", key: "items", title: "W4 items/s" },
  { workload: "w6", key: "connects", title: "W6 conn/s" },
  { workload: "w6", key: "kib", title: "W6 KiB idle" },
]);

/** For each peer and column: the median, and the medians of the ratios to net and net+tls. */
export function summarize(rounds) {
  const summary = {};
  const others = rounds.flatMap((round) => Object.values(round).flatMap(Object.keys));
  for (const peer of new Set([...PEERS, ...others])) {
    for (const { workload, key } of COLUMNS) {
      const numbers = rounds.map((round) => round[workload]?.[peer]?.[key]);
      const cell = {
        median: median(numbers),
        toNet: median(ratios(rounds, numbers, workload, key, "net")),
        toTls: median(ratios(rounds, numbers, workload, key, "net+tls")),
      };
      if (cell.median === undefined) continue;
      summary[peer] ??= {};
      summary[peer][`${workload}.${key}`] = cell;
    }
  }
  return summary;
}

function ratios(rounds, numbers, workload, key, yardstick) {
  return rounds.map((round, i) => numbers[i] / round[workload]?.[yardstick]?.[key]);
}

export function median(numbers) {
  const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The summary as a Markdown table; in brackets the ratio to net. */
export function format(summary) {
  const columns = COLUMNS.filter(({ workload, key }) =>
    Object.values(summary).some((row) => row[`${workload}.${key}`] !== undefined),
  );
  const rows = Object.entries(summary).map(([peer, row]) => [
    peer,
    ...columns.map(({ workload, key }) => cellText(row[`${workload}.${key}`])),
  ]);
  return layOut([["", ...columns.map(({ title }) => title)], ...rows]);
}

function cellText(cell) {
  if (cell === undefined) return "-";
  const ratio = cell.toNet === undefined ? "" : ` (${short(cell.toNet)})`;
  return `${short(cell.median)}${ratio}`;
}

export function short(number) {
  if (number >= 1e6) return `${(number / 1e6).toFixed(2)}M`;
  if (number >= 1e4) return `${Math.round(number / 1e3)}k`;
  if (number >= 100) return String(Math.round(number));
  return number >= 10 ? number.toFixed(1) : number.toFixed(2);
}

export function layOut(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length), 3));
  const line = (row) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join("\n");
}
