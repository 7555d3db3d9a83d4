/** What the bare peers need of an RPC library: calls by number, and one counted stream. */
import { API_KEY } from "./work.mjs";

/** Answers the bench's procedures; `send` says whether there is room, `drained` waits for it. */
export function answer(send, drained) {
  let known = false;
  return (message) => {
    const [id, name, a, b] = message;
    if (name === "auth") {
      known = a === API_KEY;
      send([id, known]);
    } else if (!known) send([id, undefined, "not authenticated"]);
    else if (name === "add") send([id, a + b]);
    else if (name === "echo") send([id, a]);
    else if (name === "stream") stream(id, a, send, drained);
  };
}

async function stream(id, count, send, drained) {
  for (let i = 0; i < count; i++) {
    if (send([id, { id: i, name: "item" }]) === false) await drained();
  }
  send([id, null]);
}

/** The client's half; feed it with what arrives. */
export class CallTable {
  #send;
  #open = new Map();
  #next = 1;

  constructor(send) {
    this.#send = send;
  }

  receive([id, value, error]) {
    const call = this.#open.get(id);
    if (call.count !== undefined && value !== null) {
      call.count++;
      return;
    }
    this.#open.delete(id);
    if (error === undefined) call.resolve(call.count ?? value);
    else call.reject(new Error(error));
  }

  call(name, a, b) {
    return this.#start([this.#next, name, a, b], undefined);
  }

  /** Resolves with the number of items that came. */
  stream(count) {
    return this.#start([this.#next, "stream", count], 0);
  }

  async authenticate() {
    if ((await this.call("auth", API_KEY)) !== true) throw new Error("refused");
  }

  #start(message, count) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject, count });
      this.#send(message);
    });
  }
}

/** The same three procedures under the names that the workloads use. */
export function api(table, close) {
  return {
    add: (a, b) => table.call("add", a, b),
    echo: (bytes) => table.call("echo", bytes),
    stream: (count) => table.stream(count),
    close,
  };
}
