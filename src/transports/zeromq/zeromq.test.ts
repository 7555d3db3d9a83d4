import { nodeBox } from "../../crypto/providers/node-box.node.ts";
import { transportSuite } from "../../testing/transport-suite.ts";
import { zeromq } from "./zeromq.ts";

const secretKey = new Uint8Array(32).fill(7);
const serverKey = nodeBox().publicKey(secretKey);

transportSuite("zeromq", () => ({ transport: zeromq(), address: new URL("zmq://127.0.0.1:0") }));

transportSuite("zeromq with curve", () => ({
  transport: zeromq({ curve: { secretKey, serverKey } }),
  address: new URL("zmq://127.0.0.1:0"),
}));
