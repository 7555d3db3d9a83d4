/** Rounds of measured dialects → tables: medians, and ratios to Python in the same round. */
import { layOut, median, short } from "../table.mjs";
import { DIALECTS, nameOf, PYTHON_MANY, PYTHON_ONE, SEALWIRE_ONE } from "./cases.mjs";

/** A Python client of the original's kind, against a Python server and against ours. */
export function oneInFlight(rounds) {
  const rows = measured(rounds).map((dialect) => [
    dialect,
    ...[PYTHON_ONE, SEALWIRE_ONE].map((name) => shown(middle(rounds, dialect, name, calls))),
    shown(ratio(rounds, dialect, SEALWIRE_ONE, PYTHON_ONE, calls)),
    ...[PYTHON_ONE, SEALWIRE_ONE].map((name) => shown(middle(rounds, dialect, name, serverUs))),
  ]);
  const head = ["one in flight", "Python server", "Sealwire", "ratio", "us Python", "us Sealwire"];
  return layOut([head, ...rows]);
}

/**
 * Our client against our server, and Python at both ends. `a core`: what the busier side would do
 * with a core for itself, by the CPU time it took. `CPU`: of both ends, Python's over ours.
 */
export function manyInFlight(rounds) {
  const head = ["many in flight", "calls/s", "us client", "us server", "a core"];
  const ratios = ["x Python", "CPU", "x original"];
  return layOut([
    [...head, ...ratios],
    ...measured(rounds).flatMap((each) => rowsOf(rounds, each)),
  ]);
}

function rowsOf(rounds, dialect) {
  const { many, ways } = DIALECTS[dialect];
  const clients = many.processes > 1 ? `${many.processes} clients` : nameOf(many);
  return [
    [`${dialect}: Python, ${clients}`, ...cells(rounds, dialect, PYTHON_MANY)],
    ...ways.map((way) => [`Sealwire, ${nameOf(way)}`, ...cells(rounds, dialect, nameOf(way))]),
  ];
}

function cells(rounds, dialect, name) {
  const values = [calls, clientUs, serverUs].map((of) => middle(rounds, dialect, name, of));
  const [perSecond] = values;
  return [
    ...values,
    // Eight processes share the work of one side.
    name === PYTHON_MANY ? undefined : middle(rounds, dialect, name, aCore),
    ratio(rounds, dialect, name, PYTHON_MANY, calls),
    ratio(rounds, dialect, PYTHON_MANY, name, (each) => each.clientUs + each.serverUs),
    perSecond === undefined ? undefined : perSecond / DIALECTS[dialect].original,
  ].map(shown);
}

const calls = (each) => each.callsPerSecond;
const clientUs = (each) => each.clientUs;
const serverUs = (each) => each.serverUs;
const aCore = (each) => 1e6 / Math.max(each.clientUs, each.serverUs);

function measured(rounds) {
  return Object.keys(DIALECTS).filter((dialect) => rounds.some((round) => round[dialect]));
}

function middle(rounds, dialect, name, of) {
  return median(rounds.map((round) => valueIn(round, dialect, name, of)));
}

function ratio(rounds, dialect, name, yardstick, of) {
  return median(
    rounds.map((round) => {
      return valueIn(round, dialect, name, of) / valueIn(round, dialect, yardstick, of);
    }),
  );
}

function valueIn(round, dialect, name, of) {
  const each = round[dialect]?.[name];
  return each && of(each);
}

function shown(number) {
  return number === undefined ? "-" : short(number);
}
