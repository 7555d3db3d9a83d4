import type { CallContext } from "../core/contracts/context.ts";
import type { Dialect } from "../core/contracts/dialect.ts";
import type { Logger } from "../core/contracts/logger.ts";
import { unknown } from "../core/engine/incoming-refusals.ts";
import type { Route, Router, Routes } from "../core/engine/router.ts";
import type { Call } from "../core/model/call.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { CallProofs } from "./call-proofs.ts";
import { inContext } from "./in-context.ts";
import { showErrors } from "./shown-errors.ts";
import { Workers } from "./workers.ts";

/** What may lie around the handlers for the callers of one dialect. */
export interface RouteParts {
  readonly context: CallContext | undefined;
  readonly proofs: CallProofs;
  readonly logger: Logger;
}

/** Goes on with a call. */
type Run = (call: Call) => unknown;

/**
 * The procedures as the callers of one dialect meet them: with the proof of each call, the limit of
 * handlers at once, the call context and errors that show their text, where the dialect has these.
 */
export function routesFor(router: Router, dialect: Dialect, parts: RouteParts): Routes {
  const wraps = wrapsFor(dialect, parts);
  if (wraps.length === 0) return router;
  const wrapped = new WeakMap<Route, Route>();
  const hidden = dialect.vocabulary.everyCallProven === true;
  return {
    find(name) {
      const route = router.find(name) ?? (hidden ? unknownRoute(name) : undefined);
      if (!route) return undefined;
      const known = wrapped.get(route);
      if (known) return known;
      const made = { ...route, run: wraps.reduceRight<Run>(wrapIn(route), route.run) };
      wrapped.set(route, made);
      return made;
    },
  };
}

/** One thing around a handler; the first in a list is the outermost. */
type Wrap = (route: Route, run: Run) => Run;

function wrapIn(route: Route): (run: Run, wrap: Wrap) => Run {
  return (run, wrap) => wrap(route, run);
}

function wrapsFor(dialect: Dialect, { context, proofs, logger }: RouteParts): readonly Wrap[] {
  const { security, vocabulary, defaults } = dialect;
  const wraps: Wrap[] = [];
  if (security.clientProven === "by-each-call") {
    const always = vocabulary.everyCallProven === true;
    wraps.push((route, run) =>
      route.options.public && !always
        ? (call) => proofs.runPublic(call, { ...route, run })
        : (call) => proofs.run(call, { ...route, run }),
    );
  }
  if (defaults?.workers !== undefined) {
    const workers = new Workers(defaults.workers);
    wraps.push((_, run) => (call) => workers.run(call, () => run(call)));
  }
  if (context) wraps.push((_, run) => (call) => inContext(context, call, run));
  if (vocabulary.showsErrors) wraps.push((_, run) => (call) => showErrors(logger, call, run));
  return wraps;
}

/** Whoever has not proven who he is shall not find out which procedures there are. */
function unknownRoute(name: string): Route {
  return {
    name,
    options: {},
    run: () => {
      throw SealwireError.fromFailure(unknown(name));
    },
  };
}
