import { equalBytes } from "../../bytes/equal.ts";
import { pause } from "../../core/engine/pause.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { loadYjs, type Yjs } from "./load-yjs.ts";

/** Where documents are shared: `client.shared`, or `server.shared`. */
export interface DocumentVariables {
  set(name: string, value: unknown): Promise<unknown>;
  watch(
    name: string,
    options: { readonly signal: AbortSignal; readonly onReady: () => void },
  ): AsyncIterable<{ readonly value?: unknown }>;
}

/** How a document is followed. */
export interface FollowOptions {
  /** Is told when following has ended by a failure. @default silence: `ended` tells it */
  readonly onError?: (error: SealwireError) => void;
}

type Document = InstanceType<Yjs["Doc"]>;

/**
 * Keeps a document of Yjs and a shared variable the same: what is changed here is sent, what others
 * change is applied, also after breaks. The server declares the variable with `sharedDocuments`.
 * Resolves when what the server has is here.
 *
 * @throws `UNSUPPORTED` when the package yjs is not installed, and as `watch` of shared variables
 */
export async function followDocument(
  variables: DocumentVariables,
  name: string,
  document: Document,
  options: FollowOptions = {},
): Promise<FollowedDocument> {
  const followed = new FollowedDocument(await loadYjs(), variables, name, document);
  await followed.ready;
  followed.ended.catch((thrown: unknown) => options.onError?.(SealwireError.from(thrown)));
  return followed;
}

/** Between two tries to send what could not be sent. */
const PAUSE_MS = 250;

/** A document that follows a shared variable. */
export class FollowedDocument {
  readonly #yjs: Yjs;
  readonly #variables: DocumentVariables;
  readonly #name: string;
  readonly #document: Document;
  readonly #closing = new AbortController();
  /** What of each writer the server has, as far as it is known here. */
  #serverVector: Uint8Array | undefined;
  #unsent = false;
  #sending: Promise<void> | undefined;
  #failure: SealwireError | undefined;
  /** Resolves when what the server has is here. */
  readonly ready: Promise<void>;
  /** Resolves after `close`; rejects when the server or its document cannot be followed any more. */
  readonly ended: Promise<void>;

  /** Use `followDocument`. */
  constructor(yjs: Yjs, variables: DocumentVariables, name: string, document: Document) {
    this.#yjs = yjs;
    this.#variables = variables;
    this.#name = name;
    this.#document = document;
    let onReady = (): void => {};
    const caughtUp = new Promise<void>((resolve) => {
      onReady = resolve;
    });
    document.on("update", this.#updated);
    this.ended = this.#follow(onReady).finally(() => document.off("update", this.#updated));
    this.ready = Promise.race([caughtUp, this.ended]);
    this.ready.catch(() => {});
  }

  /** Resolves when everything that was changed here until now is kept. @throws why it cannot be */
  async synced(): Promise<void> {
    await this.ready;
    await Promise.race([this.#sending, this.ended]);
    if (!this.#unsent && !this.#sending) return;
    await this.ended;
    throw new SealwireError("UNAVAILABLE", "the document was closed before all of it was sent");
  }

  /** Nothing is sent or applied any more; the document stays as it is. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.ended.catch(() => {});
  }

  readonly #updated = (_update: Uint8Array, origin: unknown): void => {
    if (origin === this) return;
    this.#unsent = true;
    this.#send();
  };

  async #follow(onReady: () => void): Promise<void> {
    const { signal } = this.#closing;
    const caughtUp = (): void => {
      this.#serverVector ??= EMPTY_VECTOR;
      onReady();
      this.#send();
    };
    this.#unsent = this.#document.store.clients.size > 0;
    for await (const { value } of this.#variables.watch(this.#name, {
      signal,
      onReady: caughtUp,
    })) {
      this.#take(value);
    }
    if (this.#failure) throw this.#failure;
  }

  #take(value: unknown): void {
    if (value === undefined) {
      // Deleted: the next change here brings everything again.
      this.#serverVector = EMPTY_VECTOR;
      return;
    }
    if (!(value instanceof Uint8Array)) throw noDocument(this.#name);
    const first = this.#serverVector === undefined;
    try {
      this.#serverVector = this.#yjs.encodeStateVectorFromUpdate(value);
      this.#yjs.applyUpdate(this.#document, value, this);
    } catch (thrown) {
      throw unreadable(this.#name, thrown);
    }
    const same = first && equalBytes(this.#yjs.encodeStateAsUpdate(this.#document), value);
    if (same) this.#unsent = false;
  }

  #send(): void {
    if (this.#sending || !this.#unsent || !this.#serverVector) return;
    const failed = (thrown: unknown): void => {
      this.#failure = SealwireError.from(thrown);
      this.#closing.abort();
    };
    this.#sending = this.#sendAll()
      .catch(failed)
      .finally(() => {
        this.#sending = undefined;
      });
  }

  async #sendAll(): Promise<void> {
    let whole = false;
    while (this.#unsent && !this.#closing.signal.aborted) {
      this.#unsent = false;
      const vector = this.#yjs.encodeStateVector(this.#document);
      const known = whole ? EMPTY_VECTOR : this.#serverVector;
      const update = this.#yjs.encodeStateAsUpdate(this.#document, known);
      try {
        await this.#variables.set(this.#name, update);
        this.#serverVector = vector;
        whole = false;
      } catch (thrown) {
        this.#unsent = true;
        const { code } = SealwireError.from(thrown);
        // A server that has lost something needs more than what it had not.
        const again: boolean = code === "INVALID_ARGUMENT" && !whole;
        if (!again && !PASSING.has(code)) throw thrown;
        whole = whole || again;
        if (!again) await pause(PAUSE_MS, this.#closing.signal);
      }
    }
  }
}

const EMPTY_VECTOR: Uint8Array = Uint8Array.of(0);

const PASSING: ReadonlySet<string> = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED", "RATE_LIMITED"]);

function unreadable(name: string, cause: unknown): SealwireError {
  const message = `the value of the shared variable ${name} is no document that could be read`;
  return new SealwireError("PROTOCOL_VIOLATION", message, { cause });
}

function noDocument(name: string): SealwireError {
  const message = `the shared variable ${name} is no document: its value is no bytes`;
  return new SealwireError("INVALID_ARGUMENT", `${message}; declare it with sharedDocuments`);
}
