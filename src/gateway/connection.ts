import { encodeUtf8 } from "../bytes/text.ts";
import type { Endpoint } from "../core/contracts/datagram-socket.ts";
import type { Channel } from "../core/contracts/transport.ts";
import { SealwireError } from "../core/model/errors.ts";
import { hmacSha256 } from "../crypto/sha256.ts";
import type { ClientFrame } from "./client-frame.ts";
import type { Entry, EntryParts } from "./entry.ts";
import { enter } from "./entry.ts";
import { FrameReader } from "./frame-reader.ts";
import { KeptLink } from "./kept-link.ts";
import type { LinkOpener } from "./link.ts";
import type { GatewaySettings } from "./options.ts";
import { Pace } from "./pace.ts";
import { busy, stall, takenOver, tooLarge, tooLate, tooMuch, undelivered } from "./refusals.ts";
import type { Listed, Registry } from "./registry.ts";
import { tellable } from "./wire-codes.ts";
import { whenWithdrawn } from "./withdrawal.ts";
import type { Progress, Wording } from "./wording.ts";

/** What one connection is made of. */
export interface ConnectionParts extends EntryParts {
  readonly id: string;
  readonly language: Listed["language"];
  readonly channel: Channel;
  readonly wording: Wording;
  readonly settings: GatewaySettings;
  readonly registry: Registry;
  readonly open: LinkOpener;
  /** Finds out how the sockets of links look from outside. */
  readonly stunServers: () => Promise<readonly Endpoint[]>;
}

/** One WebSocket and the link behind it, from the first status to the last. */
export class GatewayConnection {
  readonly #parts: ConnectionParts;
  readonly #ended: Promise<void>;
  readonly #outPace: Pace;
  readonly #inPace: Pace;
  /** Resolves when the client has read what it was told. */
  #told: Promise<void> | undefined;
  #kept: KeptLink | undefined;
  #status = "CONNECTED";
  #failed = false;
  #discovering = false;

  constructor(parts: ConnectionParts) {
    const { bytesPerSecond } = parts.settings.limits;
    const { clock } = parts.settings;
    this.#parts = parts;
    this.#outPace = new Pace(bytesPerSecond, clock);
    this.#inPace = new Pace(bytesPerSecond, clock);
    this.#ended = this.#run();
  }

  /** Resolves when nothing is left of it. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Tells the client why, and ends. */
  async fail(error: SealwireError): Promise<void> {
    this.#progress({ step: "failed", error });
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { channel, settings } = this.#parts;
    channel.text = true;
    const frames = new FrameReader(channel, this.#parts.wording, settings.clock);
    let listed: Listed | undefined;
    try {
      this.#progress({ step: "connected" });
      const entry = await enter(this.#parts, frames);
      listed = this.#listedAs(entry);
      await this.#parts.registry.add(listed);
      await this.#serve(entry, frames);
    } catch (thrown) {
      // A client that has left needs no reason, and one that broke off cannot hear it.
      this.#progress({ step: "failed", error: tellable(thrown, settings.logger) });
    } finally {
      await this.#kept?.close();
      if (listed) this.#parts.registry.remove(listed);
      await channel.close();
    }
  }

  async #serve(entry: Entry, frames: FrameReader): Promise<void> {
    const { principal, target, secret } = entry;
    const { settings, open, query } = this.#parts;
    const host = settings.bindHost ?? (target.host.includes(":") ? "::" : "0.0.0.0");
    const kept = new KeptLink({
      ...{ open, secret, clock: settings.clock, limits: settings.limits },
      ...{ bind: { host, port: query.localPort }, remote: target },
      onProgress: (progress) => this.#progress(progress),
      onMessage: (message) => this.#fromPeer(message),
    });
    this.#kept = kept;
    const forget = whenWithdrawn(principal, settings, (error) => void this.fail(error));
    if (!this.#failed) void kept.run();
    try {
      for (let frame = await frames.next(); frame; frame = await frames.next()) {
        await this.#take(frame, kept, target);
        await this.#told;
      }
    } finally {
      forget();
    }
  }

  async #take(frame: ClientFrame, kept: KeptLink, remote: Endpoint): Promise<void> {
    const { wording } = this.#parts;
    switch (frame.kind) {
      case "data":
        return this.#toPeer(frame, kept);
      case "discover":
        return this.#discover(kept, remote);
      case "ping":
        return this.#say(wording.pong(frame.id));
      case "invalid":
        return this.#say(wording.error(frame.error, frame.id));
      case "auth":
        return this.#say(wording.error(tooLate()));
      case "nothing":
    }
  }

  async #toPeer(
    { bytes, id }: Extract<ClientFrame, { readonly kind: "data" }>,
    kept: KeptLink,
  ): Promise<void> {
    const { wording, settings } = this.#parts;
    const refuse = (error: SealwireError) => this.#say(wording.error(error, id));
    const { maxMessageBytes, maxPendingBytes } = settings.limits;
    if (bytes.length > maxMessageBytes) return refuse(tooLarge(bytes.length, maxMessageBytes));
    await this.#pause(this.#outPace.take(bytes.length));
    while (kept.full && kept.established) await this.#roomOrStall(kept);
    if (kept.full) return refuse(tooMuch(maxPendingBytes));
    kept.send(bytes).then(
      () => id !== undefined && this.#say(wording.ack(id)),
      (thrown: unknown) => refuse(undelivered(SealwireError.from(thrown, "UNAVAILABLE"))),
    );
  }

  async #roomOrStall(kept: KeptLink): Promise<void> {
    const { clock, limits } = this.#parts.settings;
    const stalled = () => void this.fail(stall(limits.stallTimeoutMs));
    const cancel = clock.after(limits.stallTimeoutMs, stalled);
    await kept.room();
    cancel();
  }

  async #fromPeer(message: Uint8Array): Promise<void> {
    const { wording, settings } = this.#parts;
    const { maxMessageBytes } = settings.limits;
    await this.#pause(this.#inPace.take(message.length));
    if (message.length <= maxMessageBytes) this.#say(wording.message(message));
    else this.#say(wording.error(tooLarge(message.length, maxMessageBytes)));
    await this.#told;
  }

  #discover(kept: KeptLink, remote: Endpoint): void {
    const { wording, stunServers } = this.#parts;
    const between = () => ({ local: kept.local, remote });
    if (this.#discovering) return this.#say(wording.undiscovered(busy(), between()));
    this.#discovering = true;
    stunServers()
      .then((servers) => kept.publicAddress(servers))
      .then((found) => this.#say(wording.discovered({ public: found, ...between() })))
      .catch((thrown: unknown) => {
        this.#say(wording.undiscovered(SealwireError.from(thrown, "UNAVAILABLE"), between()));
      })
      .finally(() => {
        this.#discovering = false;
      });
  }

  #progress(progress: Progress): void {
    const { channel, wording, settings, id } = this.#parts;
    if (this.#failed) return;
    this.#status = STATUS_WORDS[progress.step];
    const frame = wording.progress(progress);
    if (frame !== undefined) this.#say(frame);
    const reason = progress.step === "failed" ? { code: progress.error.code } : {};
    settings.logger.info({ connection: id, ...reason }, `the link is ${progress.step}`);
    if (progress.step !== "failed") return;
    this.#failed = true;
    void channel.close();
    // Whoever waits for room at a peer that takes nothing would wait for ever.
    void this.#kept?.close();
  }

  #say(frame: string): void {
    const written = this.#parts.channel.write([encodeUtf8(frame)]);
    if (written) this.#told = written;
  }

  async #pause(ms: number): Promise<void> {
    if (ms === 0) return;
    await new Promise<void>((resolve) => void this.#parts.settings.clock.after(ms, resolve));
  }

  #listedAs({ principal, key }: Entry): Listed {
    const { id, language, query } = this.#parts;
    const { remoteHost, remotePort, clientId } = query;
    const digest = () => hmacSha256(encodeUtf8(key ?? ""), encodeUtf8(id));
    const connection = this;
    return {
      ...{ id, language, remoteHost, remotePort, principal },
      // Who gives himself a name knows it again; others cannot have come back.
      owner: clientId === undefined || key === undefined ? undefined : digest(),
      get status() {
        return connection.#status;
      },
      get local() {
        return connection.#kept?.local;
      },
      giveWay: () => this.fail(takenOver()),
    };
  }
}

const STATUS_WORDS = {
  connected: "CONNECTED",
  waiting: "UDP_WAITING",
  established: "UDP_ESTABLISHED",
  reconnecting: "RECONNECTING",
  failed: "ERROR",
} as const;
