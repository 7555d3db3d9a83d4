import { checkWhole } from "../../core/engine/check-options.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { loadYjs, type Yjs } from "./load-yjs.ts";

/** What documents may cost a server. */
export interface DocumentLimits {
  /**
   * Bytes of one update, and of the whole document: reading and writing it takes about a tenth of a
   * second for 700,000 of them. @default 1_048_576
   */
  readonly maxDocumentBytes?: number;
  /** Documents that are kept as they are in memory, so that a write reads the update alone. @default 32 */
  readonly maxOpenDocuments?: number;
}

/** What a server declares of variables that are documents. */
export interface SharedDocuments {
  readonly rule: DocumentRule;
}

/** What is written is an update; the value is the document of all updates. */
export interface DocumentRule {
  /** @throws `INVALID_ARGUMENT` for what is no update, `TOO_LARGE` beyond the limit */
  readonly merge: (present: unknown, written: unknown) => Uint8Array;
  /** The same where there is no document yet. @throws as `merge` */
  readonly first: (written: unknown) => Uint8Array;
}

/**
 * Shared variables that are documents of Yjs: whoever writes them sends an update, and the value is
 * the whole document as one update. In whatever order updates come, the document is the same.
 *
 * @throws `UNSUPPORTED` when the package yjs is not installed, `INVALID_ARGUMENT` for a limit that
 * makes no sense
 *
 * @example
 * createServer({ authenticator, state: { declare: { "text/*": await sharedDocuments() } } });
 */
export async function sharedDocuments(limits: DocumentLimits = {}): Promise<SharedDocuments> {
  const { maxDocumentBytes = 1_048_576, maxOpenDocuments = 32 } = limits;
  checkWhole("maxDocumentBytes", maxDocumentBytes, 1);
  checkWhole("maxOpenDocuments", maxOpenDocuments);
  const yjs = await loadYjs();
  const open = new OpenDocuments(yjs, { maxDocumentBytes, maxOpenDocuments });
  return {
    rule: {
      merge: (present, written) => open.merge(present, written),
      first: (written) => open.merge(undefined, written),
    },
  };
}

type Document = InstanceType<Yjs["Doc"]>;

/** The documents that were written last, by the bytes that they are as values. */
class OpenDocuments {
  readonly #yjs: Yjs;
  readonly #limits: Required<DocumentLimits>;
  readonly #open = new Map<unknown, Document>();

  constructor(yjs: Yjs, limits: Required<DocumentLimits>) {
    this.#yjs = yjs;
    this.#limits = limits;
  }

  /** @throws `INVALID_ARGUMENT` for what is no update, `TOO_LARGE` beyond the limit */
  merge(present: unknown, written: unknown): Uint8Array {
    const document = this.#take(present);
    try {
      this.#apply(document, written);
      const bytes = this.#yjs.encodeStateAsUpdate(document);
      this.#checkSize("a document", bytes);
      this.#keep(bytes, document);
      return bytes;
    } catch (thrown) {
      // Whatever was applied of it is not to be trusted.
      document.destroy();
      throw thrown instanceof SealwireError ? thrown : noUpdate(thrown);
    }
  }

  #take(present: unknown): Document {
    const known = this.#open.get(present);
    this.#open.delete(present);
    if (known) return known;
    const document = new this.#yjs.Doc();
    if (present instanceof Uint8Array) this.#yjs.applyUpdate(document, present);
    return document;
  }

  #keep(bytes: Uint8Array, document: Document): void {
    this.#open.set(bytes, document);
    for (const [oldest, other] of this.#open) {
      if (this.#open.size <= this.#limits.maxOpenDocuments) return;
      this.#open.delete(oldest);
      other.destroy();
    }
  }

  #apply(document: Document, update: unknown): void {
    if (!(update instanceof Uint8Array)) throw new TypeError("it is no bytes");
    this.#checkSize("an update", update);
    // Read before it is applied: that takes no memory for lengths that are only claimed.
    this.#yjs.decodeUpdate(update);
    this.#yjs.applyUpdate(document, update);
    const { pendingStructs, pendingDs } = document.store;
    // Kept, it might one day meet what makes it break the document for everybody.
    if (pendingStructs || pendingDs) throw new Error("it builds on what is not there");
  }

  #checkSize(what: string, { length }: Uint8Array): void {
    const { maxDocumentBytes } = this.#limits;
    if (length <= maxDocumentBytes) return;
    const message = `${what} has at most ${maxDocumentBytes} bytes, not ${length}`;
    throw new SealwireError("TOO_LARGE", message);
  }
}

function noUpdate(cause: unknown): SealwireError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `what is written to a document is an update of Yjs: ${reason}`;
  return new SealwireError("INVALID_ARGUMENT", message, { cause });
}
