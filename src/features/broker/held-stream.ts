/**
 * The stream of a worker on its way to the caller. `ended` is told once: when it is over, has
 * failed, or nobody takes it any more. No generator, because one that was never begun would not
 * tell.
 */
export function heldStream(
  source: AsyncIterable<unknown>,
  ended: () => void,
): AsyncIterableIterator<unknown, undefined> {
  const items = source[Symbol.asyncIterator]();
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    ended();
  };
  return {
    async next() {
      try {
        const { done, value } = await items.next();
        if (!done) return { done: false, value };
      } catch (thrown) {
        end();
        throw thrown;
      }
      end();
      return { done: true, value: undefined };
    },
    async return() {
      end();
      await items.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
