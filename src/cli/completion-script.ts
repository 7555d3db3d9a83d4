import type { Command } from "commander";

/** The shells whose completion is known. */
export type Shells = "bash" | "zsh" | "fish";

/** A command and what may follow it. */
interface Completed {
  /** All its names in order, such as `keys add`. */
  readonly path: string;
  readonly summary: string;
  readonly words: readonly string[];
  readonly options: readonly { readonly long: string; readonly description: string }[];
}

/** The script for one shell, made from the commands themselves. */
export function completionScript(program: Command, shell: Shells): string {
  const commands = completedIn(program, "");
  if (shell === "fish") return fishScript(commands);
  const bash = bashScript(commands);
  return shell === "bash" ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

function completedIn(command: Command, path: string): readonly Completed[] {
  const children = command.commands.map((child) => ({
    child,
    path: path === "" ? child.name() : `${path} ${child.name()}`,
  }));
  const options = command.options.flatMap(({ long, description }) =>
    long ? [{ long, description }] : [],
  );
  const help = { long: "--help", description: "display help" };
  const words = children.map(({ child }) => child.name());
  const summary = command.summary() || command.description();
  return [
    { path, summary, words, options: [...options, help] },
    ...children.flatMap(({ child, path: below }) => completedIn(child, below)),
  ];
}

/** Files complete where neither a command nor an option fits. */
function bashScript(commands: readonly Completed[]): string {
  const cases = commands.map(({ path, words, options }) => {
    const follow = [...words, ...options.map(({ long }) => long)].join(" ");
    return `    "${path}") words="${follow}" ;;`;
  });
  return `_sealwire() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${pathCases(commands)}
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ \${#COMPREPLY[@]} -gt 0 || "$current" == -* ]] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _sealwire sealwire`;
}

function pathCases(commands: readonly Completed[]): string {
  return commands
    .filter(({ path }) => path !== "")
    .map(({ path }) => `      "${path.includes(" ") ? path : ` ${path}`}") path="${path}" ;;`)
    .join("\n");
}

function fishScript(commands: readonly Completed[]): string {
  return commands.flatMap(fishLines).join("\n");
}

function fishLines({ path, words, options }: Completed, _at: number, all: readonly Completed[]) {
  const seen = path
    .split(" ")
    .filter(Boolean)
    .map((word) => `__fish_seen_subcommand_from ${word}`);
  const none = words.length > 0 ? [`not __fish_seen_subcommand_from ${words.join(" ")}`] : [];
  const condition = [...seen, ...none].join("; and ");
  const head = `complete -c sealwire${condition === "" ? "" : ` -n '${condition}'`}`;
  const summaryOf = (word: string) =>
    all.find((each) => each.path === `${path} ${word}`.trim())?.summary ?? "";
  return [
    ...words.map((word) => `${head} -f -a ${word} -d ${quoted(summaryOf(word))}`),
    ...options.map(({ long, description }) => {
      return `${head} -l ${long.slice(2)} -d ${quoted(description)}`;
    }),
  ];
}

function quoted(text: string): string {
  const [line = ""] = text.split("\n");
  return `'${line.replace(/[\\']/g, "\\$&")}'`;
}
