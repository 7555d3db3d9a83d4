import type { MsgpackCodec } from "../../codecs/msgpack.ts";
import { msgpackCodec } from "../../codecs/msgpack.ts";
import type { About, Wire } from "../../core/contracts/dialect.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { codeFrom } from "./errors.ts";
import { type GreetingMap, malformed, optionalText, requiredBytes } from "./greeting-fields.ts";
import type { RecordLayer } from "./record.ts";
import { RECORD_GREETING } from "./record-types.ts";

/** What each side says of itself, sealed, once the keys are agreed. */
export interface Hello {
  readonly about: About;
  /** The largest frame that this side takes. */
  readonly maxFrameBytes: number;
  /** Names of what this side could do if the other can too. */
  readonly features: readonly string[];
}

/** Says maps to the other side in sealed records before there is a session. */
export class Greeting {
  readonly #wire: Wire;
  readonly #records: RecordLayer;
  readonly #codec: MsgpackCodec = msgpackCodec({ maxDepth: 4, maxItems: 256 });

  constructor(wire: Wire, records: RecordLayer) {
    this.#wire = wire;
    this.#records = records;
  }

  /** @throws `TOO_LARGE` when it is more than the other side takes from one who is unproven */
  async say(map: GreetingMap): Promise<void> {
    const content = this.#codec.encode(map);
    if (this.#records.frameBytes(content.length) > MAX_GREETING_BYTES) throw tooLong();
    await this.#wire.write(this.#records.seal(RECORD_GREETING, content));
  }

  /** @throws the refusal of the other side, if it says one. */
  async hear(): Promise<GreetingMap> {
    const { type, content } = this.#records.open(await this.#wire.read());
    const map = type === RECORD_GREETING ? this.#codec.decode(content) : undefined;
    if (!isMap(map)) throw malformed("a record that is no greeting");
    if (typeof map["refused"] !== "string") return map;
    throw new SealwireError(codeFrom(map["refused"]), optionalText(map, "message") ?? "refused");
  }

  /** The bytes in a field of what was heard. @throws `HANDSHAKE_FAILED` when there are none. */
  bytes(map: GreetingMap, field: string): Uint8Array {
    return requiredBytes(map, field);
  }

  /** Tells why the greeting ends here; only what may travel. */
  async refuse(error: SealwireError): Promise<void> {
    await this.say({ refused: error.code, message: error.message });
  }
}

/** `Hello` as fields of a map. */
export function formatHello({ about, maxFrameBytes, features }: Hello): GreetingMap {
  return {
    name: about.name,
    version: about.version,
    description: about.description,
    maxFrameBytes,
    features,
  };
}

/** @throws `HANDSHAKE_FAILED` when a field is missing or wrong. */
export function parseHello(map: GreetingMap): Hello {
  const { maxFrameBytes, features } = map;
  if (typeof maxFrameBytes !== "number" || !Number.isSafeInteger(maxFrameBytes)) {
    throw malformed("no frame size");
  }
  if (maxFrameBytes < MIN_FRAME_BYTES) throw malformed(`a frame size below ${MIN_FRAME_BYTES}`);
  if (!isTexts(features)) throw malformed("no list of features");
  return { about: parseAbout(map), maxFrameBytes, features };
}

const MIN_FRAME_BYTES = 1_024;
/** A frame that every side takes before anybody has proven anything. */
const MAX_GREETING_BYTES = 16_384;

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function parseAbout(map: GreetingMap): About {
  const about: { name?: string; version?: string; description?: string } = {};
  for (const field of ["name", "version", "description"] as const) {
    const text = optionalText(map, field);
    if (text !== undefined) about[field] = text;
  }
  return about;
}

function isMap(value: unknown): value is GreetingMap {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

function tooLong(): SealwireError {
  return new SealwireError(
    "TOO_LARGE",
    `a greeting has at most ${MAX_GREETING_BYTES} bytes; shorten the token`,
  );
}
