import type { Command } from "commander";
import { SealwireError } from "../../core/model/errors.ts";
import type { SrmudpMessage, SrmudpStatus } from "../../gateway/client-frames.ts";
import type { SrmudpWebSocketClient } from "../../gateway/srmudp-client.ts";
import { EXIT, exitCodeOfConnecting, misused, tellFailure } from "../failures.ts";
import { formatValue } from "../json-values.ts";
import { linesOfInput } from "../lines-of-input.ts";
import { choice } from "../option-values.ts";
import { portFrom } from "../port-from.ts";
import { foreign } from "../printable.ts";
import type { Run } from "../program.ts";
import { warnOfCommandLine } from "../secret-options.ts";
import type { Shell } from "../shell.ts";

/** The options of `ws-chat`, as they were written. */
export interface WsChatOptions {
  readonly wsUrl: string;
  readonly remoteHost: string;
  readonly remotePort: string;
  readonly encryptionKey?: string;
  readonly clientId?: string;
  readonly localPort?: string;
  readonly apiKey?: string;
  readonly authenticate?: boolean;
  readonly mode?: (typeof MODES)[number];
  readonly keyInAddress?: boolean;
  readonly stay?: boolean;
  readonly json?: boolean;
}

/** `sealwire ws-chat`: lines to a peer behind the gateway, and what it says. */
export function wsChatCommand(program: Command, run: Run): void {
  program
    .command("ws-chat")
    .summary("chat with an SRMUDP peer through the gateway")
    .description(
      "Connects to the gateway by WebSocket, sends each line of standard input to the peer and " +
        "prints what the peer sends. Ends with the input, when everything has arrived.",
    )
    .requiredOption("--ws-url <url>", "the gateway, such as ws://127.0.0.1:8000/v0/ws/proxy")
    .requiredOption("--remote-host <host>", "address of the peer")
    .requiredOption("--remote-port <port>", "UDP port of the peer")
    .option("--encryption-key <key>", "the key; - asks for it (SEALWIRE_ENCRYPTION_KEY)")
    .option("--client-id <id>", "name of this client, to take its place again after a break")
    .option("--local-port <port>", "UDP port of the gateway's side (default: any)")
    .option("--api-key <key>", "for the gateway itself, where it asks for one (SEALWIRE_KEY)")
    .option("--authenticate", "the peer must prove the key")
    .option("--mode <mode>", "srmudp, or udp for a server of ours", choice(MODES), "srmudp")
    .option("--key-in-address", "send the key in the address, for gateways of the original")
    .option("--stay", "go on after the end of the input, until Ctrl-C")
    .option("--json", "for machines: messages and statuses as lines of JSON")
    .addHelpText("after", HELP)
    .action((options: WsChatOptions) => run((shell) => wsChat(shell, options, linesOfInput)));
}

const MODES = ["srmudp", "udp"] as const;

const HELP = `
Statuses are told on standard error, messages on standard output.
Exit codes: 0 everything arrived, 1 something may not have, 2 misused, 3 no connection.

Example:
  sealwire ws-chat --ws-url ws://127.0.0.1:8000/v0/ws/proxy --remote-host 127.0.0.1 \\
    --remote-port 9602 --encryption-key -
`;

/** Chats until the input ends and everything has arrived, or until the shell stops. */
export async function wsChat(
  shell: Shell,
  options: WsChatOptions,
  lines: () => AsyncIterable<string>,
): Promise<number> {
  let client: SrmudpWebSocketClient;
  try {
    client = await clientFrom(shell, options);
  } catch (thrown) {
    tellFailure(shell, thrown, options.json);
    return EXIT.usage;
  }
  client.onStatus((status) => tellStatus(shell, status, options.json));
  try {
    await client.connect();
    return await untilEnd(shell, client, lines(), options);
  } catch (thrown) {
    if (shell.stop.aborted) return EXIT.interrupted;
    return exitCodeOfConnecting(tellFailure(shell, thrown, options.json).code);
  } finally {
    await client.close();
  }
}

async function clientFrom(shell: Shell, options: WsChatOptions): Promise<SrmudpWebSocketClient> {
  const { wsUrl, remoteHost, clientId, localPort, authenticate, keyInAddress, mode } = options;
  const remotePort = portFrom("--remote-port", options.remotePort);
  const apiKey = options.apiKey ?? shell.env["SEALWIRE_KEY"];
  const key = await keyFrom(shell, options);
  const { createSrmudpClient } = await import("../../gateway/client.node.ts");
  return createSrmudpClient(wsUrl, remoteHost, remotePort, key, {
    ...(clientId !== undefined && { clientId }),
    ...(localPort !== undefined && { localPort: portFrom("--local-port", localPort) }),
    ...(apiKey ? { apiKey } : {}),
    ...(authenticate && { authenticate }),
    ...(mode && { mode }),
    ...(keyInAddress && { keyInAddress }),
  });
}

async function keyFrom(shell: Shell, { encryptionKey }: WsChatOptions): Promise<string> {
  if (encryptionKey === "-") return shell.askHidden("encryption key: ");
  if (encryptionKey !== undefined) {
    warnOfCommandLine(shell, "--encryption-key");
    return encryptionKey;
  }
  const found = shell.env["SEALWIRE_ENCRYPTION_KEY"];
  if (found) return found;
  throw misused("a key is missing: give --encryption-key, or SEALWIRE_ENCRYPTION_KEY");
}

async function untilEnd(
  shell: Shell,
  client: SrmudpWebSocketClient,
  lines: AsyncIterable<string>,
  { stay, json }: WsChatOptions,
): Promise<number> {
  const stopped = new Promise<"stopped">((resolve) => {
    if (shell.stop.aborted) resolve("stopped");
    shell.stop.addEventListener("abort", () => resolve("stopped"));
  });
  const printed = printMessages(shell, client, json);
  const sent = sendLines(shell, client, lines, json);
  const first = await Promise.race([sent, printed, stopped]);
  if (first === "stopped") return stay ? EXIT.ok : EXIT.interrupted;
  if (stay) await Promise.race([printed, stopped]);
  return typeof first === "number" ? first : EXIT.ok;
}

/** Resolves when all that was typed has arrived, with the exit code. */
async function sendLines(
  shell: Shell,
  client: SrmudpWebSocketClient,
  lines: AsyncIterable<string>,
  json: boolean | undefined,
): Promise<number> {
  const open = new Set<Promise<void>>();
  let code: number = EXIT.ok;
  for await (const line of lines) {
    const sending = client.sendText(line).catch((thrown: unknown) => {
      tellFailure(shell, thrown, json);
      code = EXIT.failed;
    });
    open.add(sending);
    void sending.then(() => open.delete(sending));
    // Whoever pipes a file in must not fill the memory.
    if (open.size >= MAX_OPEN) await Promise.race(open);
  }
  await Promise.all(open);
  return code;
}

const MAX_OPEN = 256;

async function printMessages(
  shell: Shell,
  client: SrmudpWebSocketClient,
  json: boolean | undefined,
): Promise<void> {
  for await (const message of client) await shell.out(shown(message, json));
  throw client.status?.error ?? new SealwireError("UNAVAILABLE", "the connection has ended");
}

function shown({ text, bytes }: SrmudpMessage, json: boolean | undefined): string {
  const base64 = () => Buffer.from(bytes).toString("base64");
  if (json) return formatValue(text === undefined ? { binary: base64() } : { text });
  return text === undefined ? `(${bytes.length} bytes) ${base64()}` : foreign(text);
}

function tellStatus(shell: Shell, status: SrmudpStatus, json: boolean | undefined): void {
  const { status: word, message, localAddress, remoteAddress, authenticated } = status;
  if (json) {
    shell.note(formatValue({ status: word, message, localAddress, remoteAddress, authenticated }));
    return;
  }
  // What has failed is told at the end, with its code.
  if (word === "ERROR") return;
  const where = word === "UDP_WAITING" && localAddress ? `, at ${localAddress}` : "";
  const proven = word === "UDP_ESTABLISHED" && authenticated ? ", the key is proven" : "";
  shell.note(`${word}: ${foreign(message)}${where}${proven}`);
}
