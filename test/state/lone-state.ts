import type { Host } from "../../src/core/contracts/feature.ts";
import { SILENT } from "../../src/core/contracts/logger.ts";
import type { Store } from "../../src/core/contracts/store.ts";
import { NodeSeat } from "../../src/core/engine/node-seat.ts";
import { type SharedState, sharedState } from "../../src/features/shared-state/index.ts";

/** The shared variables of a server that has no clients. */
export async function loneState(store?: Store): Promise<SharedState> {
  const nothing = (): void => {};
  const host: Host = {
    procedure: nothing,
    onConnect: nothing,
    onDisconnect: nothing,
    onStart: nothing,
    onClose: nothing,
    onEvent: nothing,
    use: nothing,
    disconnect: nothing,
    emit: async () => ({ delivered: 0, skipped: 0 }),
    broadcast: async () => ({ delivered: 0, skipped: 0 }),
    call: async () => undefined,
    peers: () => [],
    procedures: () => new Map(),
    find: () => undefined,
    otherwise: nothing,
    nodes: new NodeSeat(SILENT),
    sessions: { mark: nothing, onUnknown: nothing, onAway: nothing, enter: nothing },
  };
  const state = sharedState(store && { store })(host);
  await state.ready;
  return state;
}
