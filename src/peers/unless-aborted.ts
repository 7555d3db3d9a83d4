import { SealwireError } from "../core/model/errors.ts";

/**
 * The same, unless the signal comes first: then it rejects with the signal's reason, and what comes
 * too late is handed to `late`.
 */
export async function unlessAborted<Value>(
  work: Promise<Value>,
  signal: AbortSignal,
  late: (value: Value) => void = () => {},
): Promise<Value> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(SealwireError.from(signal.reason, "CANCELLED"));
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (thrown) {
    if (signal.aborted) work.then(late, () => {});
    throw thrown;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
