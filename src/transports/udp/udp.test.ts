import { transportSuite } from "../../testing/transport-suite.ts";
import { udp } from "./index.ts";

const quick = { connectTimeoutMs: 1_500 };

transportSuite("udp", () => ({
  transport: udp(quick),
  address: new URL("udp://127.0.0.1:0"),
}));

transportSuite("udp over IPv6", () => ({
  transport: udp(quick),
  address: new URL("udp://[::1]:0"),
}));
