import type { Clock } from "./clock.ts";
import type { CallContext } from "./context.ts";
import type { Dialect } from "./dialect.ts";
import type { Layer } from "./layer.ts";
import type { Transport } from "./transport.ts";
import type { Turn } from "./turn.ts";

/** What differs between Node and browsers; given by the presets. */
export interface Platform {
  readonly turn: Turn;
  readonly clock: Clock;
  /** Makes what carries the current call below a handler. Absent where there is no such thing. */
  context?(): CallContext;
}

/** What a URL scheme stands for. */
export interface Scheme {
  readonly transport: Transport;
  /** Spoken when an option names no others. */
  readonly dialect: Dialect;
  /** On the way in, what may lie between transport and dialect. */
  readonly layers?: readonly Layer[];
}

/** URL scheme, without the colon → what it stands for. */
export type Schemes = Readonly<Record<string, Scheme>>;

/** A scheme whose parts are loaded when somebody asks: what nobody speaks costs no start. */
export interface SchemeToLoad {
  readonly transport?: undefined;
  readonly dialect?: undefined;
  readonly layers?: undefined;
  load(): Promise<Scheme>;
}

/** The same as `Schemes`, of which some are still to be loaded. */
export type LoadableSchemes = Readonly<Record<string, Scheme | SchemeToLoad>>;
