import { endpointText } from "../core/engine/endpoint-text.ts";
import type { NatReport } from "./nat-discovery.ts";

/** What a report means for connecting directly to peers. */
export type Reach =
  /** Everybody can send to us once they know the address. */
  | "open"
  /** Direct with most peers, by punching. */
  | "easy"
  /** Direct only with peers that are easy or open, and slowly with some. */
  | "hard"
  /** UDP does not get through at all. */
  | "blocked"
  | "unknown";

/** Judges a report. */
export function reachOf({ udp, mapping, filtering }: NatReport): Reach {
  if (!udp) return "blocked";
  if (mapping === "none" && filtering === "endpoint-independent") return "open";
  if (mapping === "none" || mapping === "endpoint-independent") return "easy";
  return mapping === "unknown" ? "unknown" : "hard";
}

/** Says it in sentences, for people: what there is, and what it means. */
export function natWords(report: NatReport): readonly string[] {
  return [
    ...placeWords(report),
    ...mappingWords(report),
    filteringWords(report),
    reachWords(report),
  ].filter((sentence) => sentence !== "");
}

function placeWords({ udp, mapped, silent }: NatReport): readonly string[] {
  const seen = [...new Set(mapped.map(endpointText))];
  const words =
    seen.length === 0 ? [] : [`Seen from outside, this machine is ${seen.join(" and ")}.`];
  if (!udp && silent.length > 0) {
    words.push(`No STUN server answered (asked: ${silent.map(endpointText).join(", ")}).`);
  } else if (silent.length > 0) {
    words.push(`No answer from ${silent.map(endpointText).join(", ")}.`);
  }
  return words;
}

function mappingWords({ mapping }: NatReport): readonly string[] {
  switch (mapping) {
    case "none":
      return ["There is no address translation: this machine has the address that others see."];
    case "endpoint-independent":
      return [
        "The router keeps one outside port for all destinations, so peers can be told of it.",
      ];
    case "address-dependent":
      return ["The router takes another outside port for each destination address."];
    case "address-and-port-dependent":
      return ["The router takes another outside port for each destination address and port."];
    case "dependent":
      return ["The router takes different outside ports for different destinations."];
    case "unknown":
      return [];
  }
}

function filteringWords({ filtering }: NatReport): string {
  switch (filtering) {
    case "endpoint-independent":
      return "Whoever knows an open outside port may send to it.";
    case "address-dependent":
      return "Only addresses that were sent to may send back, from any port.";
    case "address-and-port-dependent":
      return "Only the very address and port that were sent to may send back.";
    case "unknown":
      return "";
  }
}

function reachWords(report: NatReport): string {
  switch (reachOf(report)) {
    case "open":
      return "Peers can connect to this machine directly.";
    case "easy":
      return "Direct connections work with most peers: both sides send first, at the same time.";
    case "hard":
      return (
        "Direct connections work only with peers behind easier routers, some after many tries; " +
        "with others like this one the relay carries the data."
      );
    case "blocked":
      return (
        "UDP does not pass, or the servers are down: a direct connection is impossible, " +
        "and a relay over WebSocket has to carry the data."
      );
    case "unknown":
      return (
        "Whether peers can connect directly is not known: it takes two STUN servers, " +
        "or one that has two addresses."
      );
  }
}
