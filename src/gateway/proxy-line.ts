import { encodeUtf8 } from "../bytes/text.ts";
import type { Channel } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import { dataFrameOf, type ProxyFrame, parseProxyFrame } from "./client-frames.ts";
import type { SrmudpClientSettings, SrmudpTarget } from "./client-options.ts";

/** How long a proxy may take to greet. */
const GREETING_MS = 10_000;

interface Sending {
  readonly resolve: () => void;
  readonly reject: (error: SealwireError) => void;
}

/** What one WebSocket tells its owner; a promise holds back what comes next. */
export type OnProxyFrame = (frame: ProxyFrame) => Promise<void> | undefined;

/** The settings of one line: by now the client has an id. */
export interface LineSettings extends SrmudpClientSettings {
  readonly clientId: string;
}

/** One WebSocket to the proxy, from its opening to its end. */
export class ProxyLine {
  readonly #channel: Channel;
  readonly #settings: SrmudpClientSettings;
  readonly #sendings = new Map<unknown, Sending>();
  readonly #ended: Promise<SealwireError | undefined>;
  #greeted: (greeted: boolean) => void = () => {};
  #acks = false;
  #lastId = 0;
  #heardAtMs: number;
  #deaf = false;
  #stopHeartbeat = () => {};

  /**
   * Opens a WebSocket and waits until the proxy has greeted.
   *
   * @throws `UNAVAILABLE` when it does not answer, `HANDSHAKE_FAILED` when it refuses.
   */
  static async open(
    target: SrmudpTarget,
    settings: LineSettings,
    onFrame: OnProxyFrame,
    signal: AbortSignal,
  ): Promise<ProxyLine> {
    const address = addressOf(target, settings);
    const channel = await settings.transport.connect(address, { signal });
    const line = new ProxyLine(channel, settings, onFrame);
    line.#introduce(target);
    if (await line.#greeting()) return line;
    const end = await line.#ended;
    await channel.close();
    throw end ?? new SealwireError("UNAVAILABLE", "the proxy closed before it greeted");
  }

  private constructor(channel: Channel, settings: SrmudpClientSettings, onFrame: OnProxyFrame) {
    channel.text = true;
    this.#channel = channel;
    this.#settings = settings;
    this.#heardAtMs = settings.clock.now();
    this.#ended = this.#read(onFrame);
  }

  /** Resolves at its end, with the reason if it did not end in order. */
  get ended(): Promise<SealwireError | undefined> {
    return this.#ended;
  }

  /** Resolves when the peer has the message, or, with proxies of the original, when it was sent. */
  async send(data: string | Uint8Array): Promise<void> {
    if (!this.#acks) return this.#channel.write([dataFrameOf(data, undefined)]);
    this.#lastId += 1;
    const id = this.#lastId;
    const delivered = new Promise<void>((resolve, reject) => {
      this.#sendings.set(id, { resolve, reject });
    });
    // Whoever waits for delivery hears of a failure; nobody else has to.
    delivered.catch(() => {});
    await this.#channel.write([dataFrameOf(data, id)]);
    return delivered;
  }

  say(frame: object): void {
    void this.#channel.write([encodeUtf8(JSON.stringify(frame))]);
  }

  async close(): Promise<void> {
    await this.#channel.close();
    await this.#ended;
  }

  #introduce({ encryptionKey }: SrmudpTarget): void {
    const { keyInAddress, apiKey, authenticate } = this.#settings;
    if (keyInAddress && apiKey === undefined) return;
    const key = keyInAddress ? {} : { encryption_key: encryptionKey };
    const proof = apiKey === undefined ? {} : { api_key: apiKey };
    this.say({ type: "auth", ...key, ...proof, authenticate });
  }

  #greeting(): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#settings.clock.after(GREETING_MS, () => this.#greeted(false));
      this.#greeted = (greeted) => {
        cancel();
        if (!greeted) void this.#channel.close(silent());
        resolve(greeted);
      };
    });
  }

  async #read(onFrame: OnProxyFrame): Promise<SealwireError | undefined> {
    let end: SealwireError | undefined;
    try {
      for await (const chunk of this.#channel) {
        this.#heardAtMs = this.#settings.clock.now();
        await this.#take(parseProxyFrame(chunk), onFrame);
      }
    } catch (thrown) {
      end = SealwireError.from(thrown, "UNAVAILABLE");
      void this.#channel.close(end);
    }
    this.#stopHeartbeat();
    const lost = new SealwireError(
      "UNAVAILABLE",
      "the WebSocket ended; nobody knows if this arrived",
    );
    for (const { reject } of this.#sendings.values()) reject(lost);
    this.#sendings.clear();
    this.#greeted(false);
    return end;
  }

  async #take(frame: ProxyFrame, onFrame: OnProxyFrame): Promise<void> {
    if (frame.kind === "ack") return this.#settle(frame.id, undefined);
    if (frame.kind === "error" && this.#sendings.has(frame.id)) {
      return this.#settle(frame.id, frame.error);
    }
    if (frame.kind === "status" && frame.status.status === "CONNECTED") this.#begin(frame.acks);
    const room = onFrame(frame);
    if (!room) return;
    this.#deaf = true;
    await room;
    this.#deaf = false;
  }

  #settle(id: unknown, error: SealwireError | undefined): void {
    const sending = this.#sendings.get(id);
    this.#sendings.delete(id);
    if (error) sending?.reject(error);
    else sending?.resolve();
  }

  #begin(acks: boolean): void {
    this.#acks = acks;
    // The original answers no pings.
    if (acks) this.#beat();
    this.#greeted(true);
  }

  #beat(): void {
    const { clock, heartbeatMs } = this.#settings;
    const askedAtMs = clock.now();
    this.#stopHeartbeat();
    this.say({ type: "ping", id: "heartbeat" });
    this.#stopHeartbeat = clock.after(heartbeatMs, () => {
      if (this.#heardAtMs >= askedAtMs || this.#deaf) this.#beat();
      else void this.#channel.close(silent());
    });
  }
}

function addressOf(
  { url, remoteHost, remotePort, encryptionKey }: SrmudpTarget,
  { keyInAddress, authenticate, localPort, clientId, mode }: LineSettings,
): URL {
  const address = new URL(url);
  const { searchParams } = address;
  searchParams.set("remote_host", remoteHost);
  searchParams.set("remote_port", String(remotePort));
  searchParams.set("client_id", clientId);
  if (localPort !== 0) searchParams.set("local_port", String(localPort));
  if (authenticate) searchParams.set("authenticate", "1");
  if (mode !== "srmudp") searchParams.set("mode", mode);
  if (keyInAddress) searchParams.set("encryption_key", encryptionKey);
  return address;
}

function silent(): SealwireError {
  return new SealwireError("UNAVAILABLE", "the proxy did not answer in time; is it one?");
}
