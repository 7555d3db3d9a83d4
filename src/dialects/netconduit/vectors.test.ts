import { describe, expect, test } from "vitest";
import { refusal } from "../../../test/codecs/values.ts";
import {
  bytesOf,
  EXCHANGES,
  meant,
  payloadOf,
  type RecordedFrame,
} from "../../../test/netconduit/recorded.ts";
import { encodeHex } from "../../bytes/text.ts";
import { COMPRESSED, formatFrame, parseFrame } from "./frame.ts";
import { netconduitFraming } from "./framing.ts";
import { netconduitSettings } from "./options.ts";
import { packFrame, unpackFrame } from "./payload.ts";

const ALL = EXCHANGES.flatMap(({ name, frames }) =>
  frames.map((frame, at) => ({ name: `${name} ${at} ${frame.label ?? ""}`.trim(), frame })),
);
/** The frame of an exchange `fatal-…` after which the original is deaf. */
const FATAL = ALL.filter(({ name, frame }) => isFatal(name, frame));
const SOUND = ALL.filter((each) => !FATAL.includes(each));

const settings = netconduitSettings({});

describe("the recorded frames", () => {
  test("are all there", () => {
    expect(EXCHANGES.length).toBe(54);
    expect(FATAL.length).toBe(9);
  });

  test.each(SOUND)("$name means what it says", ({ frame: recorded }) => {
    const { hex, decoded } = recorded;
    const [bytes = new Uint8Array()] = framed(hex);
    const frame = parseFrame(bytes);
    const { value } = unpackFrame(frame, settings);

    expect({ type: frame.type, flags: frame.flags, id: frame.id }).toEqual({
      ...{ type: decoded.type, flags: decoded.flags },
      id: meant(decoded.correlationId),
    });
    expect(frame.payload.length).toBe(decoded.contentLength);
    expect(value).toEqual(payloadOf(recorded));
  });

  test.each(SOUND)("$name is written again byte for byte", ({ frame: { hex, decoded } }) => {
    const frame = parseFrame(bytesOf(hex));
    const { timestampMs, flags } = decoded;
    const { value } = unpackFrame(frame, settings);
    const compression = (flags & COMPRESSED) > 0;
    const ours = netconduitSettings({ compression, now: () => timestampMs });

    // What deflate makes of it is the choice of each library; the rest is not.
    expect(encodeHex(formatFrame(frame, timestampMs))).toBe(hex.replace(RESERVED, "$10000"));
    if (compression || flags !== 0) return;
    const content = { type: frame.type, id: frame.id, value };
    expect(encodeHex(packFrame(content, ours, 2 ** 30))).toBe(hex.replace(RESERVED, "$10000"));
  });

  test("are compressed where the original compresses, and nowhere else", () => {
    const compressing = netconduitSettings({ compression: true });
    const { frames } = EXCHANGES.find(({ name }) => name === "compression") ?? { frames: [] };
    for (const { hex, decoded } of frames) {
      const { value } = unpackFrame(parseFrame(bytesOf(hex)), settings);
      const ours = parseFrame(packFrame({ type: decoded.type, value }, compressing, 2 ** 30));
      expect(ours.flags).toBe(decoded.flags);
    }
  });

  test.each(FATAL)("$name is refused", ({ frame: { hex } }) => {
    const take = () => framed(hex).map((bytes) => unpackFrame(parseFrame(bytes), settings));

    expect(refusal(take)).toMatch(/^(PROTOCOL_VIOLATION|TOO_LARGE)$/);
  });
});

/** The two bytes that nobody checks; one recorded request has something in them. */
const RESERVED = /^(.{20})..../;

function framed(hex: string): readonly Uint8Array[] {
  return netconduitFraming({ maxFrameBytes: 2 ** 30 }).push(bytesOf(hex));
}

/** The first frame after the login; a result that cannot be packed is no fault of the request. */
function isFatal(name: string, { dir }: RecordedFrame): boolean {
  return /^fatal-(?!unpackable)\S+ 2$/.test(name) && dir === "c2s";
}
