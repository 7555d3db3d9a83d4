import { createRequire } from "node:module";
import { SealwireError } from "../../core/model/errors.ts";

/** Where the bytes go that a stream of udx receives. */
export interface UdxLanding {
  /**
   * Memory for what comes next. udx tells as soon as fewer than `LEAST_ROOM_BYTES` of it are left, or
   * a little earlier: who offers as many is told of each packet, who offers more can wait for more.
   */
  readonly room: Uint8Array;
  /** So many bytes stand at the beginning of the last `room`. */
  landed(bytes: number): void;
}

/** Twice what udx takes for a packet until it knows the path better: `UDX_MTU_BASE` of libudx. */
export const LEAST_ROOM_BYTES = 2_400;

/** What a stream has beside what its library documents. */
interface LandingStream {
  readonly _handle: Uint8Array;
  _buffer: Uint8Array;
  _consumeData: (bytes: number) => Uint8Array;
  resume(): unknown;
}

/** Lets a stream put what it receives where we say. Throws as `loadLandIn`. */
export type LandIn = (stream: object, landing: UdxLanding) => void;

/**
 * Loads what `LandIn` needs. By itself udx hands over each packet, which costs more than the packet; it
 * can wait until its memory is full, but offers no way to say how much memory. Nothing is left for
 * the stream itself to hand over but its end.
 *
 * @throws `UNSUPPORTED` when udx-native is made in another way than expected
 */
export function loadLandIn(): LandIn {
  const load = createRequire(import.meta.url);
  const binding: unknown = load("udx-native/binding");
  if (!isBinding(binding)) throw otherMake();
  const isKnown = versionIn(load("udx-native/package.json")).startsWith(KNOWN);
  return (stream, landing) => {
    if (!isLandingStream(stream)) throw otherMake();
    stream._buffer = landing.room;
    stream._consumeData = (bytes) => {
      landing.landed(bytes);
      stream._buffer = landing.room;
      return NOTHING;
    };
    binding.udx_napi_stream_recv_start(stream._handle, stream._buffer);
    if (isKnown) binding.udx_napi_stream_set_mode(stream._handle, WHEN_FULL);
    stream.resume();
  };
}

/** Says that another version than those known is installed. */
export function otherMake(): SealwireError {
  const message = "udx-native is of another make than expected; install version 1.21";
  return new SealwireError("UNSUPPORTED", message);
}

interface Binding {
  udx_napi_stream_recv_start(handle: Uint8Array, room: Uint8Array): void;
  udx_napi_stream_set_mode(handle: Uint8Array, mode: number): void;
}

function isBinding(loaded: unknown): loaded is Binding {
  if (typeof loaded !== "object" || loaded === null) return false;
  const wanted = ["udx_napi_stream_recv_start", "udx_napi_stream_set_mode"];
  return wanted.every((name) => typeof Reflect.get(loaded, name) === "function");
}

function isLandingStream(stream: object): stream is LandingStream {
  const { _handle, _buffer, _consumeData }: Partial<Record<keyof LandingStream, unknown>> = stream;
  return (
    _handle instanceof Uint8Array &&
    _buffer instanceof Uint8Array &&
    typeof _consumeData === "function"
  );
}

function versionIn(manifest: unknown): string {
  const { version }: { readonly version?: unknown } = Object(manifest);
  return String(version);
}

const NOTHING = new Uint8Array(0);
/** Other versions may mean something else by a full memory; there each packet is told of. */
const KNOWN = "1.21.";
/** `UDX_NAPI_NON_INTERACTIVE`. */
const WHEN_FULL = 1;
