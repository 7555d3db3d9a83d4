import { createServer, type NodeServerOptions, type Server } from "../../src/presets/node.ts";

/** The server that the scenarios of the page call; `aborted` gets a code for each call given up. */
export function scenarioServer(options: NodeServerOptions, aborted: string[]): Server {
  const made = createServer(options);
  made.expose({
    add: (a: number, b: number) => a + b,
    echo: (value: unknown) => value,
    async *count(items: number) {
      for (let number = 1; number <= items; number++) yield number;
    },
  });
  made.procedure("whoami", { public: true }, (call) => call.principal?.id ?? "nobody");
  made.procedure("sum", async ({ input }) => {
    let sum = 0;
    for await (const item of input) sum += Number(item);
    return sum;
  });
  made.procedure("double", async function* ({ input }) {
    for await (const item of input) yield Number(item) * 2;
  });
  made.procedure("size", async ({ input }) => {
    let bytes = 0;
    for await (const item of input) if (item instanceof Uint8Array) bytes += item.length;
    return bytes;
  });
  made.procedure("callBack", (call) =>
    made.connections.get(call.peer.id)?.call("inPage", [...call.args.positional]),
  );
  let hangs = () => {};
  const hanging = new Promise<void>((resolve) => {
    hangs = resolve;
  });
  made.procedure("hanging", () => hanging);
  made.procedure("hang", ({ signal }) => {
    hangs();
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        aborted.push(String(signal.reason?.code));
        reject(signal.reason);
      });
    });
  });
  made.onEvent("asked", (data) => void made.broadcast("answered", `${data}!`));
  return made;
}
