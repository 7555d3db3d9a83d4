import { type Consumer, readManifest } from "./packed.ts";

/** One name that users can import, and the file it means. */
export interface Entry {
  /** As written in an import: `sealwire/dialects/native`. */
  readonly specifier: string;
  readonly file: string;
  readonly condition: "default" | "browser";
}

/** All entries of the package, families resolved by what the tarball holds. */
export async function entriesOf({ files }: Consumer): Promise<readonly Entry[]> {
  const { exports } = await readManifest();
  return Object.entries(exports)
    .filter(([name]) => name !== "./package.json")
    .flatMap(([name, target]) =>
      targetsOf(target).flatMap(({ condition, path }) =>
        expand(name, path, files).map((entry) => ({ ...entry, condition })),
      ),
    );
}

function targetsOf(
  target: unknown,
): readonly { readonly condition: Entry["condition"]; readonly path: string }[] {
  if (typeof target === "string") return [{ condition: "default", path: target }];
  return Object.entries(target ?? {}).flatMap(([condition, path]) =>
    condition === "default" || condition === "browser" ? [{ condition, path: String(path) }] : [],
  );
}

function expand(
  name: string,
  path: string,
  files: readonly string[],
): readonly Pick<Entry, "specifier" | "file">[] {
  const specifier = name.replace(/^\./, "sealwire");
  const file = path.replace(/^\.\//, "");
  if (!file.includes("*")) return [{ specifier, file }];
  const [before = "", after = ""] = file.split("*");
  return files
    .filter((each) => each.startsWith(before) && each.endsWith(after))
    .map((each) => ({ middle: each.slice(before.length, each.length - after.length), file: each }))
    .filter(({ middle }) => middle !== "" && !middle.includes("/"))
    .map(({ middle, file }) => ({ specifier: specifier.replace("*", middle), file }));
}
