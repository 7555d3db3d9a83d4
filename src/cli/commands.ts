import type { Command } from "commander";
import type { Run } from "./program.ts";

/** Adds one command, with its options and help, to the program. */
export type AddCommand = (program: Command, run: Run) => void;

/**
 * The commands that these arguments are about, in the order of help: one if it is named, so that
 * it starts without what the others need.
 */
export function commandsFor(args: readonly string[]): Promise<readonly AddCommand[]> {
  const [first = ""] = args;
  if (VERSION.has(first)) return Promise.resolve([]);
  const named = first !== "completion" && Object.hasOwn(COMMANDS, first);
  const wanted = Object.entries(COMMANDS).filter(([name]) => !named || name === first);
  return Promise.all(wanted.map(([, load]) => load()));
}

const VERSION: ReadonlySet<string> = new Set(["-V", "--version"]);

/** In the order in which help shows them. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  serve: async () => (await import("./commands/serve.ts")).serveCommand,
  call: async () => (await import("./commands/call.ts")).callCommand,
  list: async () => (await import("./commands/list.ts")).listCommand,
  describe: async () => (await import("./commands/describe.ts")).describeCommand,
  ping: async () => (await import("./commands/ping.ts")).pingCommand,
  watch: async () => (await import("./commands/watch.ts")).watchCommand,
  state: async () => (await import("./commands/state.ts")).stateCommand,
  put: async () => (await import("./commands/put.ts")).putCommand,
  get: async () => (await import("./commands/get.ts")).getCommand,
  ls: async () => (await import("./commands/ls.ts")).lsCommand,
  send: async () => (await import("./commands/send.ts")).sendCommand,
  receive: async () => (await import("./commands/receive.ts")).receiveCommand,
  tunnel: async () => (await import("./commands/tunnel.ts")).tunnelCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  rendezvous: async () => (await import("./commands/rendezvous.ts")).rendezvousCommand,
  relay: async () => (await import("./commands/relay.ts")).relayCommand,
  proxy: async () => (await import("./commands/proxy.ts")).proxyCommand,
  "ws-chat": async () => (await import("./commands/ws-chat.ts")).wsChatCommand,
  udp: async () => (await import("./commands/udp.ts")).udpCommand,
  broker: async () => (await import("./commands/broker.ts")).brokerCommand,
  worker: async () => (await import("./commands/worker.ts")).workerCommand,
  keygen: async () => (await import("./commands/keygen.ts")).keygenCommand,
  keys: async () => (await import("./commands/keys.ts")).keysCommand,
  completion: async () => (await import("./commands/completion.ts")).completionCommand,
};
