import { createHash, randomFillSync } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Laboratory, LabProcess } from "./laboratory.ts";

const SERVICE = "udp://198.51.100.1:3600";

/** A file to be sent from host a to host b, and those who send and take it. */
export class Transfer {
  readonly #lab: Laboratory;
  readonly #folder = mkdtempSync(join(tmpdir(), "sealwire-natlab-"));
  readonly #digest: string;
  #code = "";

  constructor(lab: Laboratory, bytes: number) {
    this.#lab = lab;
    const content = randomFillSync(new Uint8Array(bytes));
    this.#digest = createHash("sha256").update(content).digest("hex");
    writeFileSync(join(this.#folder, "big.bin"), content);
    mkdirSync(join(this.#folder, "in"));
  }

  /** The rendezvous on the public host, ready. */
  async meetingPlace(): Promise<LabProcess> {
    const running = this.#lab.sealwire("pub", "rendezvous", "--listen", SERVICE);
    await running.line("listening udp:");
    return running;
  }

  /** The sender, waiting; again with the same code when it was there before. */
  async sender(): Promise<LabProcess> {
    const again = this.#code === "" ? [] : ["--code", this.#code];
    const file = join(this.#folder, "big.bin");
    const options = ["--verbose", "--rendezvous", SERVICE, ...again];
    const running = this.#lab.sealwire("a", "send", ...options, file);
    this.#code = (await running.line("code ")).slice("code ".length);
    return running;
  }

  receiver(): LabProcess {
    const options = ["--verbose", "--rendezvous", SERVICE, "--to", join(this.#folder, "in")];
    return this.#lab.sealwire("b", "receive", ...options, ...this.#code.split(" "));
  }

  /** Resolves when so many bytes have come. */
  async bytesCame(bytes: number): Promise<void> {
    while (this.#bytes() < bytes) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** Whether the file is there, whole, and nothing else. */
  isWhole(): boolean {
    const [only, ...others] = readdirSync(join(this.#folder, "in"));
    if (only !== "big.bin" || others.length > 0) return false;
    const content = readFileSync(join(this.#folder, "in", only));
    return createHash("sha256").update(content).digest("hex") === this.#digest;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #bytes(): number {
    const [part] = readdirSync(join(this.#folder, "in"));
    return part === undefined ? 0 : statSync(join(this.#folder, "in", part)).size;
  }
}

/** The kinds of paths that a receiver has told of, in order. */
export function pathsOf(receiver: LabProcess): readonly string[] {
  return [...receiver.err().matchAll(/"path":"([a-z-]+)"/g)].map(([, path = ""]) => path);
}
