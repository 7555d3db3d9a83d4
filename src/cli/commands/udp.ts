import type { Command } from "commander";
import { decodeUtf8, encodeUtf8 } from "../../bytes/text.ts";
import type { Endpoint } from "../../core/contracts/datagram-socket.ts";
import type { SealwireError } from "../../core/model/errors.ts";
import type { LinkState } from "../../transports/srmudp/index.ts";
import { EXIT, exitCodeOfConnecting, misused, tellFailure } from "../failures.ts";
import { formatValue } from "../json-values.ts";
import { linesOfInput } from "../lines-of-input.ts";
import { choice } from "../option-values.ts";
import { foreign } from "../printable.ts";
import type { Run } from "../program.ts";
import { warnOfCommandLine } from "../secret-options.ts";
import type { Shell } from "../shell.ts";
import type { Talk } from "./udp-native.ts";

/** The options of `udp`, as they were written. */
export interface UdpCommandOptions {
  readonly dialect: "srmudp" | "native";
  readonly bind: string;
  readonly to: string;
  readonly secret?: string;
  readonly json?: boolean;
}

/** `sealwire udp`: messages straight to one peer, through NATs that both sides open. */
export function udpCommand(program: Command, run: Run): void {
  const udp = program
    .command("udp")
    .summary("send messages to a peer over UDP, or send them back")
    .description(
      "Opens a sealed, reliable link over UDP between two addresses; both sides send to each other.",
    );
  const modes = { chat: linesOfInput, echo: undefined };
  for (const [mode, lines] of Object.entries(modes)) {
    udp
      .command(mode)
      .summary(mode === "chat" ? "send each line of the input" : "send each message back")
      .description(
        mode === "chat"
          ? "Sends each line of standard input and prints what arrives. Ends with the input."
          : "Prints each message that arrives and sends it back, until Ctrl-C.",
      )
      .option("--dialect <name>", "what is spoken", choice(DIALECTS), "srmudp")
      .requiredOption("--bind <host:port>", "our own address, to which the peer sends")
      .requiredOption("--to <host:port>", "the peer's address")
      .option("--secret <text>", "the peer must know it too; - asks for it (SEALWIRE_SECRET)")
      .option("--json", "for machines: messages and states as lines of JSON")
      .addHelpText("after", HELP)
      .action((options: UdpCommandOptions) => run((shell) => talk(shell, options, lines)));
  }
}

const DIALECTS = ["srmudp", "native"] as const;

const HELP = `
With --dialect native, echo waits for whoever comes and chat goes to it.

Exit codes: 0 everything arrived, 1 something may not have, 2 misused, 3 no link.

Example, in two terminals:
  sealwire udp echo --bind 127.0.0.1:9001 --to 127.0.0.1:9002
  sealwire udp chat --bind 127.0.0.1:9002 --to 127.0.0.1:9001
`;

/** Chats with the lines, or sends back what comes when there are none. */
export async function talk(
  shell: Shell,
  options: UdpCommandOptions,
  lines: (() => AsyncIterable<string>) | undefined,
): Promise<number> {
  let link: Talk;
  try {
    link = await talkFrom(shell, options, lines === undefined);
  } catch (thrown) {
    const { code } = tellFailure(shell, thrown, options.json);
    return code === "ALREADY_EXISTS" ? EXIT.usage : exitCodeOfConnecting(code);
  }
  const onStop = () => void link.close();
  shell.takeSignals();
  shell.stop.addEventListener("abort", onStop);
  if (shell.stop.aborted) onStop();
  try {
    const heard = hear(shell, link, options, lines === undefined);
    const said = lines === undefined ? heard : sayAll(shell, link, lines(), options);
    const code = await Promise.race([said, heard]);
    return shell.stop.aborted && lines !== undefined ? EXIT.interrupted : code;
  } finally {
    await link.close();
  }
}

async function talkFrom(shell: Shell, options: UdpCommandOptions, listens: boolean): Promise<Talk> {
  const secret = await secretFrom(shell, options);
  const bind = endpointFrom("--bind", options.bind);
  const to = endpointFrom("--to", options.to);
  const onState = (state: LinkState) => tellState(shell, state, options.json);
  if (options.dialect === "srmudp") {
    const { openSrmudp } = await import("../../transports/srmudp/index.ts");
    return openSrmudp({ bind, remote: to, ...(secret && { secret }), onState });
  }
  // Its package is looked for only where it is wanted.
  const { nativeCaller, nativeListener } = await import("./udp-native.ts");
  const established = (authenticated: boolean) =>
    onState({ state: "established", authenticated, remote: to });
  return (listens ? nativeListener : nativeCaller)({ bind, to, secret, established });
}

async function secretFrom(shell: Shell, { secret }: UdpCommandOptions): Promise<string> {
  if (secret === "-") return shell.askHidden("secret: ");
  if (secret !== undefined) warnOfCommandLine(shell, "--secret");
  return secret ?? shell.env["SEALWIRE_SECRET"] ?? "";
}

function endpointFrom(option: string, text: string): Endpoint {
  const [, inBrackets, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = inBrackets ?? plain;
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw misused(
    `${option} is ${JSON.stringify(text)}; it must be host:port, such as 127.0.0.1:9001`,
  );
}

/** Prints what arrives, and sends it back if asked to; resolves when the link has closed. */
async function hear(
  shell: Shell,
  link: Talk,
  { json }: UdpCommandOptions,
  echoes: boolean,
): Promise<number> {
  try {
    for await (const message of link.messages) {
      await shell.out(shown(message, json));
      if (!echoes) continue;
      link.send(message).catch((thrown: unknown) => tellUnsent(shell, thrown, json));
      await link.room();
    }
    return EXIT.ok;
  } catch (thrown) {
    return exitCodeOfConnecting(tellFailure(shell, thrown, json).code);
  }
}

/** Sends each line; resolves when all have arrived or are lost. */
async function sayAll(
  shell: Shell,
  link: Talk,
  lines: AsyncIterable<string>,
  { json }: UdpCommandOptions,
): Promise<number> {
  const open = new Set<Promise<void>>();
  let code: number = EXIT.ok;
  for await (const line of lines) {
    const sending = link.send(encodeUtf8(line)).catch((thrown: unknown) => {
      tellUnsent(shell, thrown, json);
      code = EXIT.failed;
    });
    open.add(sending);
    void sending.then(() => open.delete(sending));
    // Whoever pipes a file in must not fill the memory.
    await link.room();
  }
  await Promise.all(open);
  // What the last line is answered with comes a moment later.
  if (code === EXIT.ok) await new Promise((resolve) => setTimeout(resolve, LAST_ANSWER_MS));
  return code;
}

const LAST_ANSWER_MS = 300;

/** Who was interrupted knows that not everything has arrived. */
function tellUnsent(shell: Shell, thrown: unknown, json: boolean | undefined): void {
  if (!shell.stop.aborted) tellFailure(shell, thrown, json);
}

function shown(message: Uint8Array, json: boolean | undefined): string {
  const text = decodeUtf8(message);
  const base64 = () => Buffer.from(message).toString("base64");
  if (json) return formatValue(text === undefined ? { binary: base64() } : { text });
  return text === undefined ? `(${message.length} bytes) ${base64()}` : foreign(text);
}

function tellState(shell: Shell, state: LinkState, json: boolean | undefined): void {
  const reason: SealwireError | undefined = "reason" in state ? state.reason : undefined;
  const established = state.state === "established";
  const authenticated = established && state.authenticated;
  // That the link is there is a result; what becomes of it is for people.
  const tell = (line: string) => (established ? void shell.out(line) : shell.note(line));
  if (json) {
    const why = reason && { reason: { code: reason.code, message: reason.message } };
    return tell(formatValue({ state: state.state, authenticated, ...why }));
  }
  const proven = authenticated ? ", the secret is proven" : "";
  const why = reason === undefined ? "" : `: ${foreign(reason.message)}`;
  tell(`${state.state}${proven}${why}`);
}
