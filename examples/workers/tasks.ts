import { SealwireError } from "sealwire";

/** Work that keeps a processor busy. Loaded by threads and by `sealwire worker`. */
const tasks: Readonly<Record<string, (value: number) => number>> = { primesBelow, slowly };

export default tasks;

const MAX_LIMIT = 50_000_000;

/** How many prime numbers there are below a limit: the sieve of Eratosthenes. */
function primesBelow(limit: number): number {
  if (!Number.isInteger(limit) || limit < 2 || limit > MAX_LIMIT) {
    const message = `limit is ${limit}; give a whole number from 2 to ${MAX_LIMIT}`;
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  const isPrime = new Uint8Array(limit).fill(1, 2);
  for (let n = 2; n * n < limit; n++) {
    if (isPrime[n] === 1)
      for (let multiple = n * n; multiple < limit; multiple += n) isPrime[multiple] = 0;
  }
  return isPrime.reduce((count, prime) => count + prime, 0);
}

/** Computes for so long and tells in which process. */
function slowly(ms: number): number {
  const end = performance.now() + Math.min(ms, 60_000);
  while (performance.now() < end);
  return process.pid;
}
