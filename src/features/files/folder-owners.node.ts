import { appendFile, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isFields } from "../../core/engine/fields.ts";
import { systemCode } from "../../core/engine/system-errors.ts";
import { NOBODY } from "./store-room.ts";

/** Whose the files of a folder are, in a hidden file of lines; the last one of a name counts. */
export class FolderOwners {
  readonly #path: string;
  #owners = new Map<string, string>();

  constructor(folder: string) {
    this.#path = join(folder, ".owners");
  }

  of(name: string): string {
    return this.#owners.get(name) ?? NOBODY;
  }

  async load(): Promise<void> {
    const lines = (await this.#text()).split("\n").filter((line) => line !== "");
    this.#owners = new Map(lines.flatMap(entryIn));
    for (const [name, owner] of this.#owners) if (owner === NOBODY) this.#owners.delete(name);
    if (lines.length <= 2 * this.#owners.size + SPARE_LINES) return;
    const kept = [...this.#owners].map(([name, owner]) => lineOf(name, owner));
    await writeFile(`${this.#path}.new`, kept.join(""), { mode: 0o600 });
    await rename(`${this.#path}.new`, this.#path);
  }

  /** Said before the file appears: after a crash a line too many does no harm. */
  async set(name: string, owner: string): Promise<void> {
    if (this.of(name) === owner) return;
    if (owner === NOBODY) this.#owners.delete(name);
    else this.#owners.set(name, owner);
    await appendFile(this.#path, lineOf(name, owner), { mode: 0o600 });
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.#path, "utf8");
    } catch (thrown) {
      if (systemCode(thrown) === "ENOENT") return "";
      throw thrown;
    }
  }
}

/** Lines that are no use any more and may stand. */
const SPARE_LINES = 1_000;

function lineOf(name: string, owner: string): string {
  return `${JSON.stringify({ name, owner })}\n`;
}

/** A line that a crash has torn tells nothing. */
function entryIn(line: string): readonly (readonly [string, string])[] {
  try {
    const read: unknown = JSON.parse(line);
    if (!isFields(read)) return [];
    const { name, owner } = read;
    return typeof name === "string" && typeof owner === "string" ? [[name, owner]] : [];
  } catch {
    return [];
  }
}
