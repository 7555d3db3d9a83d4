// The thread that holds the connection of a synchronous client; started by `connect-sync.ts`.

import { setImmediate } from "node:timers/promises";
import { workerData } from "node:worker_threads";
import { connect } from "../presets/node.ts";
import { Answerer } from "./answerer.ts";
import {
  ENDED,
  type Numbered,
  type Question,
  type Remark,
  SIGNS,
  type ThreadStart,
  wake,
} from "./thread-messages.ts";

// Nobody but `connect-sync.ts` starts this file.
const { port, cells } = workerData as ThreadStart;

const answerer = new Answerer({
  connect: (address, options) => connect(address, { resume: false, ...options }),
  // A program may end right after an event: by then it lies with the system, not with this thread.
  handedOver: () => setImmediate(),
  answer(answer) {
    port.postMessage(answer);
    wake(cells);
  },
  sign: () => void Atomics.add(cells, SIGNS, 1),
});

process.once("exit", () => {
  Atomics.store(cells, ENDED, 1);
  wake(cells);
});
port.on("message", (said: Numbered<Question> | Remark) => void answerer.receive(said));
// The other end was closed, or nobody has it any more.
port.once("close", () => void answerer.close());
