import type { Credentials, Evidence } from "../model/credentials.ts";
import type { SealwireError } from "../model/errors.ts";
import type { CallId, Message, MessageKind } from "../model/message.ts";
import type { Principal } from "../model/peer.ts";
import type { Framing } from "./framing.ts";

/** One wire language: how bytes become frames, how two peers greet, how frames become messages. */
export interface Dialect {
  readonly name: string;
  /** What the wire really protects. Shown in logs, console and documentation; never flattered. */
  readonly security: Security;
  /** What the wire can say. The engine looks here before it speaks. */
  readonly vocabulary: Vocabulary;
  /** On channels that know text and binary: frames are text. */
  readonly text?: boolean;
  /** What holds on this wire where the application says nothing. */
  readonly defaults?: DialectDefaults;
  /**
   * Whether these first bytes are ours; `undefined` for "too few to tell".
   * Absent: cannot be told from its start (or the server speaks first), so it wants a listener
   * for itself.
   */
  recognizes?(head: Uint8Array): boolean | undefined;
  /** Used on channels that lose boundaries. Absent: runs only on those that keep them. */
  framing?(limits: { readonly maxFrameBytes: number }): Framing;
  /** Which session the first frame of a peer wants to go on with, if any; never throws. */
  sessionIn?(frame: Uint8Array): Uint8Array | undefined;
  /** Greets a peer that came to us. */
  accept(wire: Wire, acceptor: Acceptor): Promise<Session>;
  /** Greets a peer we went to. */
  connect(wire: Wire, initiator: Initiator): Promise<Session>;
}

/** What holds on one wire where the application says nothing; as its originals have it. */
export interface DialectDefaults {
  readonly heartbeat?: { readonly intervalMs?: number; readonly timeoutMs?: number };
  /** For calls without a timeout, on the side that calls. */
  readonly callTimeoutMs?: number;
  /** For handlers without a limit, on the side that answers. */
  readonly handlerTimeoutMs?: number;
  /** Handlers of all connections of this dialect that run at once; other calls wait their turn. */
  readonly workers?: number;
  /** Where an address names no port. */
  readonly port?: number;
}

/** Whole frames, one at a time: all that a handshake needs. Nobody uses it after the greeting. */
export interface Wire {
  readonly remote: string;
  /** The next frame. Rejects with `HANDSHAKE_FAILED` when the peer leaves or time is up. */
  read(): Promise<Uint8Array>;
  write(frame: Uint8Array): Promise<void>;
}

/** What a handshake leaves behind: who the peer is, and a codec that holds the keys. */
export interface Session {
  readonly principal?: Principal;
  readonly binding?: Uint8Array;
  /** What this peer understands, if it is more or less than its dialect's. */
  readonly vocabulary?: Vocabulary;
  /** What the other end says of itself; a server tells its name, version and description. */
  readonly about?: About;
  /** An id in the form this wire wants: a UUID, a counter, or merely the order of the calls. */
  nextCallId(): CallId;
  /** Opens and parses one frame. The only place where received bytes gain meaning. */
  decode(frame: Uint8Array): readonly Message[];
  /**
   * Bytes that came out of the last frame beside its own, where the wire compresses: buffers are
   * bounded by what messages take here, not by what they took on the way.
   */
  readonly unpackedBytes?: number;
  /**
   * Requests not answered on the wire yet, where answers keep the order of the requests. Beyond
   * half of `maxIncomingCalls` nothing more is read from this peer.
   */
  readonly heldAnswers?: number;
  /**
   * Formats and seals what was said in one turn, together with what the session itself has to
   * say (acknowledgements, key changes); so it may be called with an empty batch. A wire that
   * carries many messages in one record yields one frame, the others one for each message.
   * A message that cannot be formatted (`INVALID_ARGUMENT`, `TOO_LARGE`) throws before any state
   * has changed, so that the caller can settle that one message and encode the rest.
   */
  encode(batch: readonly Message[]): readonly Uint8Array[];
  /** The channel needs these frames of `encode` no more: their memory may be used again. */
  release?(frames: readonly Uint8Array[]): void;
  /** What lets it outlive its channel. Absent: it ends with it. */
  readonly resumption?: Resumption;
}

/** What lets a session go on over another channel, with the keys and counts that it has. */
export interface Resumption {
  /** By what the side that accepted finds it again. Seen by onlookers when it goes on. */
  readonly id: Uint8Array;
  /** How long the side that accepted keeps it without a channel. */
  readonly windowMs: number;
  /** The frames that the peer still lacks, as it told in the greeting that went on; in order. */
  missed(): readonly Uint8Array[];
}

/** What a program says of itself in the handshake. */
export interface About {
  readonly name?: string;
  readonly version?: string;
  readonly description?: string;
}

/** What the accepting side of a handshake may ask of the server. */
export interface Acceptor {
  /** Told to the client in the greeting, where the wire has a place for it. */
  readonly about: About;
  /** The largest frame that we take; told in the greeting, where the wire has a place for it. */
  readonly maxFrameBytes: number;
  /** Resolves with the principal, rejects with `UNAUTHENTICATED`. */
  authenticate(evidence: Evidence): Promise<Principal>;
  /**
   * The pre-shared key that `fits`, judged in constant time by the dialect; `undefined` if none.
   */
  findSecret(fits: (secret: Uint8Array) => boolean): Promise<Uint8Array | undefined>;
  /** Absent where sessions end with their channels. */
  readonly sessions?: KeptSessions;
  /** Asks for `encode` at the end of this turn although nobody spoke. */
  flush(): void;
  readonly signal: AbortSignal;
}

/** What the connecting side of a handshake may ask of the client. */
export interface Initiator {
  readonly about: About;
  /** The largest frame that we take; told in the greeting, where the wire has a place for it. */
  readonly maxFrameBytes: number;
  readonly credentials: Credentials;
  /** The name that free-text API keys are stretched with; both sides must use the same. */
  readonly serverName: string;
  /** Keys the server is known by, the current first; empty at the first contact. */
  readonly serverKeys: readonly Uint8Array[];
  /** Judges the key the other end showed: pinned, known, or seen for the first time. */
  trusts(remoteKey: Uint8Array): Promise<boolean>;
  /** Absent where sessions end with their channels. */
  readonly resume?: ResumeWish;
  flush(): void;
  readonly signal: AbortSignal;
}

/** What the accepting side knows of sessions that may go on over another channel. */
export interface KeptSessions {
  /** How long a session is kept without a channel. */
  readonly windowMs: number;
  /** Bytes of frames that a session keeps for a peer that has not acknowledged them. */
  readonly maxHeldBytes: number;
  /** What the ids of new sessions begin with: the nodes of a cluster find each other's by it. */
  readonly idPrefix: Uint8Array;
  /** The session of this id, if it may go on here. */
  find(id: Uint8Array): KeptSession | undefined;
}

/** A session that another channel asks for. */
export interface KeptSession {
  readonly session: Session;
  /** Takes it from the channel that it may still have: nothing is decoded any more after this. */
  take(): void;
  /** It cannot go on. */
  end(error: SealwireError): void;
}

/** What the connecting side wants of sessions that may go on over another channel. */
export interface ResumeWish {
  /** As in `KeptSessions`. */
  readonly maxHeldBytes: number;
  /** The one to go on with; `connect` resolves with the same. Absent: a new one. */
  readonly session?: Session | undefined;
}

/** What a wire really protects. */
export interface Security {
  readonly encrypted: boolean;
  readonly clientProven: "by-handshake" | "by-each-call" | "never";
  readonly serverProven: boolean;
  readonly forwardSecret: boolean;
  readonly replayProtected: boolean;
}

/** What a wire can say. */
export interface Vocabulary {
  readonly kinds: ReadonlySet<MessageKind>;
  /** Calls that may be open at once: `1` where answers carry no id. */
  readonly callsInFlight: number;
  /** Whether the side that accepted may call the side that connected. */
  readonly callsBothWays: boolean;
  /** Peers name the events they want (`$events.watch`); otherwise every event goes to everyone. */
  readonly subscriptions?: boolean;
  /** A peer that has ended its side still waits for the answers to its calls. */
  readonly halfClose?: boolean;
  /** What receivers of an event return goes back as the event `<name>_response`. */
  readonly answersEvents?: boolean;
  /**
   * What a handler throws that is no `SealwireError` shows its text and class, because clients of
   * the original live on it. Otherwise they see a reference number.
   */
  readonly showsErrors?: boolean;
  /**
   * With proof by each call: also calls of public procedures, and of such as do not exist, must
   * prove who calls before anything is said of the procedure.
   */
  readonly everyCallProven?: boolean;
}
