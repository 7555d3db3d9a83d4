import { transportSuite } from "../../src/testing/transport-suite.ts";
import { srmudp } from "../../src/transports/srmudp/srmudp.ts";

transportSuite("srmudp", () => ({
  transport: srmudp({ connectTimeoutMs: 3_000 }),
  address: new URL("srmudp://127.0.0.1:0"),
}));
