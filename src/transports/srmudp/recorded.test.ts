/** The recordings of the original: every datagram decodes, verifies and is written again. */
import { expect, test } from "vitest";
import { readVectors } from "../../../test/vectors/read-vectors.ts";
import { decodeHex, encodeHex } from "../../bytes/text.ts";
import { p256KeyPair, p256SharedPoint } from "../../crypto/p256.ts";
import {
  formatPublicKeyDatagram,
  formatSharedKeyDatagram,
  PROOF_TEXT,
  PUNCH,
  parseGreeting,
} from "./greeting-datagrams.ts";
import { type GreetingKey, greetingKey } from "./greeting-key.ts";
import { keepsOwnKey, unwrap, wrappingKey } from "./key-exchange.ts";
import { ACK, EOF, FIN, formatPacket, PSH, parsePacket, RTM } from "./packets.ts";
import { isProbe } from "./path-size.ts";
import { formatPublicKey, parsePublicKey } from "./public-key.ts";
import { Reassembly } from "./reassembly.ts";
import { type Box, boxFor } from "./sealed-box.ts";

interface KeyVector {
  readonly private_scalar_hex: string;
  readonly public_pem: string;
}

interface PacketVector {
  readonly direction: string;
  readonly length: number;
  /** Of probes only the beginning. */
  readonly hex: string;
  readonly decoded: {
    readonly kind: string;
    readonly flags?: string;
    readonly control?: number;
    readonly sequence?: number;
    readonly retry?: number;
    readonly time?: number;
    readonly data_length?: number;
    readonly value?: number;
  };
}

interface Recorded {
  readonly keys: {
    readonly A: KeyVector;
    readonly B: KeyVector;
    readonly derived_key_hex: string;
    readonly priority: { readonly lower: "A" | "B" };
  };
  readonly ecdh_edge_cases: readonly {
    readonly meaning: string;
    readonly private_scalar_hex: string;
    readonly peer_public_pem: string;
    readonly x_hex: string;
    readonly y_hex: string;
    readonly derived_key_hex: string;
  }[];
  readonly session_key_hex: string;
  readonly data_phase: readonly {
    readonly name: string;
    readonly outcome?: { readonly delivered_length?: number; readonly delivered_sha256?: string };
    readonly packets: readonly PacketVector[];
  }[];
  readonly handshakes: readonly {
    readonly name: string;
    readonly agreed_session_key_hex: string;
    readonly packets: readonly PacketVector[];
  }[];
}

const RECORDED = readVectors<Recorded>("srmudp/recorded.json");
const { A, B } = RECORDED.keys;
const PEMS = [A.public_pem, B.public_pem];

function bytes(hex: string): Uint8Array {
  const decoded = decodeHex(hex);
  if (decoded === undefined) throw new Error("no hexadecimal");
  return decoded;
}

const keyOf = ({ private_scalar_hex }: KeyVector): GreetingKey =>
  greetingKey(bytes(private_scalar_hex));

test("1: both coordinates make the key, with leading zeros, for even and odd y", () => {
  expect(RECORDED.ecdh_edge_cases.length).toBeGreaterThan(5);
  for (const edge of RECORDED.ecdh_edge_cases) {
    const own = greetingKey(bytes(edge.private_scalar_hex));
    const point = parsePublicKey(edge.peer_public_pem) ?? new Uint8Array(0);
    const shared = p256SharedPoint(own.secretKey, point);
    expect(encodeHex(shared), edge.meaning).toBe(`04${edge.x_hex}${edge.y_hex}`);
    const wrapping = wrappingKey(own, edge.peer_public_pem) ?? new Uint8Array(0);
    expect(encodeHex(wrapping), edge.meaning).toBe(edge.derived_key_hex);
  }
});

test("2: a key is written exactly as the original writes it", () => {
  for (const vector of [A, B]) {
    const { publicKey } = p256KeyPair(bytes(vector.private_scalar_hex));
    expect(formatPublicKey(publicKey)).toBe(vector.public_pem);
    expect(parsePublicKey(vector.public_pem)).toEqual(publicKey);
    expect(parsePublicKey(`${vector.public_pem}\n`)).toEqual(publicKey);
  }
});

test("both sides derive the recorded key, and agree on who keeps its own", () => {
  const [ours, theirs] = [keyOf(A), keyOf(B)];
  expect(encodeHex(wrappingKey(ours, theirs.pem) ?? new Uint8Array(0))).toBe(
    RECORDED.keys.derived_key_hex,
  );
  expect(wrappingKey(theirs, ours.pem)).toEqual(wrappingKey(ours, theirs.pem));
  expect(keepsOwnKey(A.public_pem, B.public_pem)).toBe(RECORDED.keys.priority.lower !== "A");
  expect(keepsOwnKey(B.public_pem, A.public_pem)).toBe(RECORDED.keys.priority.lower === "A");
});

for (const { name, packets, agreed_session_key_hex } of RECORDED.handshakes) {
  test(`greeting: ${name}`, () => {
    const agreed = bytes(agreed_session_key_hex);
    const wrapped: Uint8Array[] = [];
    for (const packet of packets) {
      const probe = new Uint8Array(packet.length).fill(0x23);
      const datagram = packet.decoded.kind === "MTU_PROBE" ? probe : bytes(packet.hex);
      const greeting = parseGreeting(datagram);
      switch (packet.decoded.kind) {
        case "HOLE_PUNCH":
          expect(datagram).toEqual(PUNCH);
          break;
        case "PUBLIC_KEY":
          if (greeting?.stage !== "public-key") throw new Error("no public key");
          expect(PEMS).toContain(greeting.pem);
          expect(formatPublicKeyDatagram(greeting.pem)).toEqual(datagram);
          break;
        case "SHARED_KEY": {
          if (greeting?.stage !== "shared-key") throw new Error("no shared key");
          const receiver = keyOf(greeting.pem === A.public_pem ? B : A);
          const wrapping = wrappingKey(receiver, greeting.pem) ?? new Uint8Array(32);
          wrapped.push(unwrap(wrapping, greeting.wrapped) ?? new Uint8Array(0));
          expect(formatSharedKeyDatagram(greeting.pem, greeting.wrapped)).toEqual(datagram);
          break;
        }
        case "ESTABLISHED":
          if (greeting?.stage !== "proof") throw new Error("no proof");
          expect(boxFor(agreed).open(greeting.box)).toEqual(PROOF_TEXT);
          break;
        case "MTU_PROBE":
          expect(isProbe(datagram)).toBe(true);
          break;
        case "MTU_NOTIFY":
          expect(new DataView(datagram.buffer).getUint32(0, true)).toBe(packet.decoded.value);
          break;
        default:
          throw new Error(`nobody knows ${packet.decoded.kind}`);
      }
    }
    expect(wrapped.map(encodeHex)).toContain(agreed_session_key_hex);
  });
}

const FLAGS: Readonly<Record<string, number>> = {
  "---": 0,
  PSH,
  "PSH+EOF": PSH | EOF,
  EOF,
  ACK,
  RTM,
  FIN,
};
const BOX: Box = boxFor(bytes(RECORDED.session_key_hex));

for (const { name, packets, outcome } of RECORDED.data_phase) {
  test(`3: session: ${name}`, () => {
    const first = packets.find(
      ({ decoded }) => (decoded.control ?? 1) < 8 && decoded.control !== 1,
    );
    const delivered: Uint8Array[] = [];
    const order = new Reassembly(first?.decoded.sequence ?? 1, {
      maxMessageBytes: 100_000,
      maxHeldBytes: 100_000,
    });
    for (const { hex, decoded, direction } of packets) {
      const datagram = bytes(hex);
      const plaintext = BOX.open(datagram) ?? new Uint8Array(0);
      const packet = parsePacket(plaintext);
      expect(packet).toMatchObject({
        control: FLAGS[decoded.flags ?? ""],
        sequence: decoded.sequence,
        retry: decoded.retry,
        time: decoded.time,
      });
      expect(packet?.data).toHaveLength(decoded.data_length ?? -1);
      if (packet === undefined) continue;
      expect(formatPacket(packet)).toEqual(plaintext);
      expect(BOX.seal(datagram.slice(0, 16), plaintext)).toEqual(datagram);
      const isData = (packet.control & (ACK | RTM | FIN)) === 0;
      if (isData && direction === first?.direction) order.take(packet, (m) => delivered.push(m));
    }
    const length = outcome?.delivered_length;
    if (length !== undefined) expect(delivered.at(-1)).toHaveLength(length);
  });
}
