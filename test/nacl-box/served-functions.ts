import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Left, registerFunctions } from "./functions.ts";
import { type BoxServer, boxServer, type OriginalClient } from "./original-client.ts";

/** What the tests of a file share. */
export interface ServedFunctions {
  readonly served: BoxServer;
  /** Another one for each test. */
  readonly client: OriginalClient;
  /** What the functions have left behind. */
  readonly left: Left;
}

/** Serves the functions of the original to the tests of the file that calls it. */
export function servedFunctions(): ServedFunctions {
  const here: { served?: BoxServer; client?: OriginalClient; left?: Left } = {};
  beforeAll(async () => {
    here.served = await boxServer((server) => {
      here.left = registerFunctions(server);
    });
  });
  afterAll(() => here.served?.close());
  beforeEach(async () => {
    const client = await ready(here.served).connect();
    here.client = client;
    return () => client.close();
  });
  return {
    get served() {
      return ready(here.served);
    },
    get client() {
      return ready(here.client);
    },
    get left() {
      return ready(here.left);
    },
  };
}

function ready<Part>(part: Part | undefined): Part {
  if (part !== undefined) return part;
  throw new Error("only tests may ask for this: before them nothing is served");
}
