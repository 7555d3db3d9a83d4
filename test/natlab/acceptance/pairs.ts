import type { PathKind } from "../../../src/peers/path.ts";

/** Kinds of routers, in the words of the laboratory. */
export const MODES: readonly string[] = [
  ...["open", "firewall", "full-cone", "restricted", "port-restricted"],
  ...["symmetric", "symmetric-seq", "symmetric-addr", "blocked"],
];

/** Which side is where: a calls, b is called. */
export type Pair = readonly [a: string, b: string];

/** How two routers let their hosts meet. */
export type Meeting = "punched" | "guessed" | "birthday" | "relay-udp" | "relay-ws";

const isSymmetric = (mode: string) => mode.startsWith("symmetric");
/** Lets in only who was sent to, by address and port. */
const isStrict = (mode: string) => mode === "firewall" || mode === "port-restricted";

/** What must come of a pair. */
export function meetingOf([a, b]: Pair): Meeting {
  if (a === "blocked" || b === "blocked") return "relay-ws";
  if (isSymmetric(a) && isSymmetric(b)) return "relay-udp";
  const [hard, other] = isSymmetric(a) ? [a, b] : [b, a];
  if (!isSymmetric(hard) || !isStrict(other)) return "punched";
  return hard === "symmetric-seq" ? "guessed" : "birthday";
}

/** All 81 pairs, in both orders, that meet in one way. */
export function pairsThat(meet: Meeting): readonly Pair[] {
  return MODES.flatMap((a) => MODES.map((b): Pair => [a, b])).filter(
    (pair) => meetingOf(pair) === meet,
  );
}

/** The path of the side that calls. */
export function pathOf(pair: Pair): PathKind {
  const meeting = meetingOf(pair);
  if (meeting === "relay-ws") return pair[0] === "blocked" ? "relay-ws" : "relay-udp";
  return meeting === "relay-udp" ? "relay-udp" : "direct";
}
