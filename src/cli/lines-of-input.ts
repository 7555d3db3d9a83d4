import { createInterface } from "node:readline";

/** What is typed or piped in, line by line. Begun when it is wanted: earlier lines would be lost. */
export async function* linesOfInput(): AsyncGenerator<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    yield* lines;
  } finally {
    lines.close();
  }
}
