/** When a turn ends; `nextTick` in Node, a microtask in browsers. Given by the presets. */
export interface Turn {
  endOfTurn(run: () => void): void;
}
