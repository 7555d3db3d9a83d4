import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";

/** How large a bundle for browsers is, in bytes after gzip. */
export interface BundleSize {
  /** What a page loads before anything runs. */
  readonly entryBytes: number;
  /** What it loads only when needed, each by the module that is asked for. */
  readonly lazy: readonly Part[];
  /** The packages and folders that weigh most of what is loaded at once, before gzip. */
  readonly heaviest: readonly Part[];
}

/** Something that a page loads. */
export interface Part {
  readonly name: string;
  readonly bytes: number;
}

/** Bundles a source for browsers, as a page that uses Sealwire would, and weighs it. */
export async function measureBundle(source: string, resolveDir: string): Promise<BundleSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir, sourcefile: "page.js" },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    outdir: "out",
    entryNames: "page",
    logLevel: "silent",
  });
  const sizes = new Map(
    outputFiles.map(({ path, contents }) => [
      basename(path),
      gzipSync(contents, { level: 9 }).length,
    ]),
  );
  const sizeOf = (name: string) => sizes.get(basename(name)) ?? Number.NaN;
  const outputs = metafile.outputs;
  const early = reachable("out/page.js", outputs);
  const late = Object.keys(outputs).filter((name) => !early.has(name));
  return {
    entryBytes: [...early].reduce((sum, name) => sum + sizeOf(name), 0),
    lazy: late.map((name) => ({ name: outputs[name]?.entryPoint ?? name, bytes: sizeOf(name) })),
    heaviest: heaviestOf([...early].map((name) => outputs[name]?.inputs ?? {})),
  };
}

const SHOWN = 12;

function heaviestOf(inputs: readonly Metafile["outputs"][string]["inputs"][]): readonly Part[] {
  const sums = new Map<string, number>();
  for (const [path, { bytesInOutput }] of inputs.flatMap(Object.entries)) {
    const folder = path.replace(/^.*(node_modules\/(?:@[^/]+\/)?[^/]+).*$/, "$1");
    const name = folder === path ? path.replace(/\/[^/]*$/, "") : folder;
    sums.set(name, (sums.get(name) ?? 0) + bytesInOutput);
  }
  const parts = [...sums].map(([name, bytes]) => ({ name, bytes }));
  return parts.sort((one, other) => other.bytes - one.bytes).slice(0, SHOWN);
}

type Outputs = Metafile["outputs"];

/** The page and what it imports at once, directly or not. */
function reachable(page: string, outputs: Outputs): ReadonlySet<string> {
  const found = new Set<string>([page]);
  for (const name of found) {
    for (const { path, kind } of outputs[name]?.imports ?? []) {
      if (kind === "import-statement") found.add(path);
    }
  }
  return found;
}
