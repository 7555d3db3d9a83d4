import { describe, expect, test } from "vitest";
import type { Side } from "../../../test/native/wires.ts";
import {
  accepting,
  connecting,
  RECORDINGS,
  type Recording,
} from "../../../test/vectors/native/exchange.ts";
import { makeVector, type Vector } from "../../../test/vectors/native/vector.ts";
import { readValue } from "../../../test/vectors/native/written-values.ts";
import { readVectors } from "../../../test/vectors/read-vectors.ts";
import { decodeHex, encodeHex } from "../../bytes/text.ts";
import type { Session, Wire } from "../../core/contracts/dialect.ts";

const bytesOf = (hex: string) => decodeHex(hex) ?? new Uint8Array(0);
const vectorOf = ({ name }: Recording) => readVectors<Vector>(`native/${name}.json`);

/** One side's wire: it hears what the recording says of the other and must say the same as it. */
function recordedWire(side: Side, { greeting }: Vector): { wire: Wire; said: string[] } {
  const said: string[] = [];
  const heard = greeting.filter(({ from }) => from !== side).map(({ frame }) => bytesOf(frame));
  const wire: Wire = {
    remote: "recording",
    read: async () => heard.shift() ?? Promise.reject(new Error("the recording ends here")),
    write: async (frame) => void said.push(encodeHex(frame)),
  };
  return { wire, said };
}

/** Says and hears the turns of the recording from one side of it. */
function replay(side: Side, session: Session, recording: Recording, vector: Vector): void {
  recording.turns.forEach(({ from, messages }, i) => {
    const turn = vector.turns[i];
    if (from === side) expect(session.encode(messages).map(encodeHex)).toEqual(turn?.frames);
    else {
      const heard = turn?.frames.flatMap((frame) => session.decode(bytesOf(frame)));
      expect(heard).toEqual(readValue(turn?.messages));
    }
  });
}

describe.each(RECORDINGS.map((recording) => [recording.name, recording] as const))(
  "the recording %s",
  (_, recording) => {
    const vector = vectorOf(recording);

    test.each<Side>(["client", "server"])("is what the %s says and understands", async (side) => {
      const { wire, said } = recordedWire(side, vector);
      const greet = side === "client" ? connecting : accepting;
      const session = await greet(recording, { client: wire, server: wire });
      const ours = vector.greeting.filter(({ from }) => from === side);
      expect(said).toEqual(ours.map(({ frame }) => frame));
      expect(encodeHex(session.binding ?? new Uint8Array(0))).toBe(vector.binding);
      replay(side, session, recording, vector);
    });

    test("is what the program would record today, meaning and all", async () => {
      expect(JSON.parse(JSON.stringify(await makeVector(recording)))).toEqual(vector);
    });
  },
);
