/** What the bench of the workers computes: nothing, or for so long. */
export const nothing = (value) => value;

export function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

/** The same as plain piscina calls it: one value. */
export const spinPlain = (ms) => spin(ms);
export const nothingPlain = (value) => value;
