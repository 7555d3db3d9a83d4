import { afterEach, describe, expect, test } from "vitest";
import { WHOLE } from "./acceptance/figures.ts";
import { Laboratory, missingLaboratory } from "./laboratory.ts";

const missing = missingLaboratory();
const lab = new Laboratory("d");
afterEach(() => lab.down());

const SERVERS = ["--stun", "198.51.100.1:3478", "--stun", "198.51.100.2:3479"];

const ONE_PORT =
  "The router keeps one outside port for all destinations, so peers can be told of it.";
const EASY = "Direct connections work with most peers: both sides send first, at the same time.";
const HARD = "with others like this one the relay carries the data.";
const STRICT = "Only the very address and port that were sent to may send back.";
const EACH_PORT = "another outside port for each destination address and port.";

/** What must be said of each kind of router. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  open: ["There is no address translation", "Peers can connect to this machine directly."],
  firewall: ["There is no address translation", STRICT, EASY],
  "full-cone": [ONE_PORT, "Whoever knows an open outside port may send to it.", EASY],
  restricted: [ONE_PORT, "Only addresses that were sent to may send back, from any port.", EASY],
  "port-restricted": [ONE_PORT, STRICT, EASY],
  symmetric: [EACH_PORT, STRICT, HARD],
  "symmetric-seq": [EACH_PORT, STRICT, HARD],
  "symmetric-addr": ["another outside port for each destination address.", STRICT, HARD],
  blocked: ["No STUN server answered", "a relay over WebSocket has to carry the data."],
};

const kinds = WHOLE ? Object.keys(WORDS) : ["port-restricted", "symmetric"];

describe.skipIf(missing !== undefined)("the doctor", () => {
  test(`says in words what ${kinds.join(", ")} routers do`, async () => {
    lab.up("open", "open");
    for (const kind of kinds) {
      lab.change("nat", "a", kind);
      const doctor = lab.sealwire("a", "doctor", ...SERVERS);
      expect(await doctor.ended, doctor.err()).toBe(kind === "blocked" ? 1 : 0);
      for (const words of WORDS[kind] ?? []) expect(doctor.out(), kind).toContain(words);
    }
  });
});
