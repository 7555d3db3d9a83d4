import { createInterface } from "node:readline";
import type { PathKind } from "../../src/peers/path.ts";
import type { LabProcess } from "./laboratory.ts";

/** What a peer has told of a session, and when (milliseconds since the epoch). */
export interface LabStatus {
  readonly at: number;
  readonly session: string;
  readonly status: string;
  readonly path?: PathKind;
  readonly remote?: { readonly host: string; readonly port: number };
}

/** What came of a command. */
export type Reply = Readonly<Record<string, unknown>>;

/** Where the two meet, and the key they have. */
export interface Meeting {
  readonly rendezvous: string;
  readonly key: string;
}

/** What came while pieces flowed. */
export interface Flow {
  readonly pieces: number;
  /** Pieces that were lost, repeated, out of order or of other content. */
  readonly wrong: number;
  /** How often the stream itself broke off and was taken up again. */
  readonly breaks: number;
  /** Pauses of 150 ms or more, from the one piece to the next. */
  readonly gaps: readonly (readonly [fromAt: number, toAt: number])[];
  readonly beganAt: number;
  readonly lastAt: number;
}

/** A peer of the laboratory, which does what it is told: the other end of `peer.mjs`. */
export class LabPeer {
  readonly process: LabProcess;
  readonly statuses: LabStatus[] = [];
  readonly #asked = new Map<number, (reply: Reply) => void>();
  readonly #looking = new Set<() => void>();
  #id = 0;

  constructor(process: LabProcess) {
    this.process = process;
    const { stdout } = process.child;
    if (stdout) createInterface({ input: stdout }).on("line", (line) => this.#take(line));
    void process.ended.then(() => {
      for (const told of this.#asked.values()) told({ failed: `it ended: ${process.err()}` });
    });
  }

  /** Gives a command. */
  async ask(command: string, wanted: object = {}): Promise<Reply> {
    const id = ++this.#id;
    const reply = await new Promise<Reply>((resolve) => {
      this.#asked.set(id, resolve);
      this.process.child.stdin?.write(`${JSON.stringify({ id, do: command, ...wanted })}\n`);
    });
    this.#asked.delete(id);
    if (reply["failed"] !== undefined) throw new Error(`${command}: ${String(reply["failed"])}`);
    return reply;
  }

  /** Lets pieces flow from the other peer until `stop`. */
  async flow(bytes = 16_384, paceMs = 5): Promise<Flow> {
    return (await this.ask("flow", { bytes, paceMs })) as Reply & Flow;
  }

  /** Resolves with the first status, from one in the list on, that fits; `undefined` if none comes. */
  status(
    fits: (status: LabStatus) => boolean,
    timeoutMs: number,
    from = 0,
  ): Promise<LabStatus | undefined> {
    return new Promise((resolve) => {
      const look = (isLate = false) => {
        const found = this.statuses.slice(from).find(fits);
        if (found === undefined && !isLate) return;
        clearTimeout(timer);
        this.#looking.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => look(true), timeoutMs);
      this.#looking.add(look);
      look();
    });
  }

  #take(line: string): void {
    const told = JSON.parse(line) as Reply & LabStatus;
    const { id } = told;
    if (typeof id === "number") return this.#asked.get(id)?.(told);
    this.statuses.push(told);
    for (const look of [...this.#looking]) look();
  }
}
