/** One place where a source file names another module. */
export interface Reference {
  /** The name as written; `undefined` where it is computed and cannot be read. */
  readonly specifier: string | undefined;
}

// Comments and regular expressions are told from code only so that quotes in them mislead nobody.
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<=(?:^|[(,=:[!&|?{};]|\breturn)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/g;

const STATIC = /\b(?:from|import)\s*$/;
const CALLED =
  /\b(?:import|require|require\.resolve|import\.meta\.resolve|createRequire\([^()]*\))\s*\(\s*$/;
const BESIDE = /\bnew\s+URL\s*\(\s*$/;
const COMPUTED = /(?<![.\w$])import\s*\(\s*(?![\s"'`§])/g;
const NODE_GLOBAL = /(?<![.\w$])(?:Buffer|process|setImmediate|__dirname)(?=\s*[.([])/g;

/** Every module that a source names: imports, re-exports, `import()`, `require`, worker files. */
export function readReferences(source: string): readonly Reference[] {
  const found: Reference[] = [];
  const code = mask(source, (text, before) => {
    if (names(text, before)) found.push({ specifier: text.slice(1, -1) });
  });
  for (const _ of code.matchAll(COMPUTED)) found.push({ specifier: undefined });
  return found;
}

/** The names of Node's globals that a source uses directly. */
export function readNodeGlobals(source: string): readonly string[] {
  const code = mask(source, () => {});
  return [...new Set([...code.matchAll(NODE_GLOBAL)].map(([name]) => name))];
}

function names(text: string, before: string): boolean {
  if (text.startsWith("`") && text.includes("${")) return false;
  if (STATIC.test(before) || CALLED.test(before)) return true;
  return BESIDE.test(before) && text.slice(1).startsWith(".");
}

/** The source without its comments, and `§` for each string, which `seen` is told of first. */
function mask(source: string, seen: (text: string, before: string) => void): string {
  let code = "";
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    code += source.slice(end, match.index);
    end = match.index + match[0].length;
    if (match[0].startsWith("/")) continue;
    seen(match[0], code.slice(-200));
    // A template with parts may compute a module's name, so it does not count as a plain string.
    code += match[0].startsWith("`") && match[0].includes("${") ? "(template)" : "§";
  }
  return code + source.slice(end);
}
