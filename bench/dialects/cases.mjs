/** What is measured of each dialect, and with which programs. */
import { fileURLToPath } from "node:url";

/** Debian's own; it has python3-zmq, python3-nacl and python3-msgpack. */
const PYTHON = "/usr/bin/python3";
/** What every program proves itself with, in the place that its wire has for it. */
export const SECRET = "bench-secret-5f1f0c2f9e";

/** What each dialect does beside its `ways`. */
export const PYTHON_ONE = "python one";
export const SEALWIRE_ONE = "sealwire one";
export const PYTHON_MANY = "python many";

/**
 * `original`: calls a second of the original with many in flight, as once measured.
 * `server`: a server made as the original is. `client`: a client of the original's kind, told port,
 * secret, seconds and how many calls it has open. `many`: how the original was measured with many.
 * `ways`: how our client calls many at once.
 */
export const DIALECTS = Object.freeze({
  "zmq-password": {
    original: 14_000,
    server: interop("zmq-password", ["0", SECRET]),
    client: ours("zmq_password.py"),
    many: { processes: 8, inFlight: 1 },
    ways: [
      { connections: 8, inFlight: 8 },
      { connections: 16, inFlight: 16 },
      { inFlight: 64, inOrder: true },
      { inFlight: 256, inOrder: true },
    ],
  },
  "nacl-box": {
    original: 7_400,
    scheme: "nacl-box+zmq",
    // The one of its keys that all may know.
    key: "abc",
    server: interop("nacl-box", ["0"]),
    client: ours("nacl_box.py"),
    many: { processes: 8, inFlight: 1 },
    ways: [{ connections: 8, inFlight: 8 }, { inFlight: 64 }, { inFlight: 256 }],
  },
  "trust-rpc": {
    original: 18_900,
    server: ours("trust_rpc_server.py"),
    client: ours("trust_rpc.py"),
    many: { processes: 1, inFlight: 64 },
    ways: [{ inFlight: 64 }, { inFlight: 256 }],
  },
  netconduit: {
    original: 8_000,
    server: interop("netconduit", [SECRET, "30", "90"]),
    client: ours("netconduit.py"),
    many: { processes: 1, inFlight: 64 },
    ways: [{ inFlight: 64 }, { inFlight: 256 }],
  },
});

/** How a way is named in the table. */
export function nameOf({ connections = 1, inFlight, inOrder = false }) {
  const on = connections > 1 ? ` on ${connections} connections` : "";
  return `${inFlight} in flight${on}${inOrder ? ", in order" : ""}`;
}

function interop(dialect, args) {
  const path = fileURLToPath(new URL(`../../test/interop/${dialect}/server.py`, import.meta.url));
  return [PYTHON, "-B", path, ...args];
}

function ours(file) {
  return [PYTHON, "-B", fileURLToPath(new URL(file, import.meta.url))];
}
