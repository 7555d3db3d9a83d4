import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import * as Y from "yjs";
import { SealwireError } from "../../core/model/errors.ts";
import { webCrypto } from "../../crypto/providers/web.ts";
import { native } from "../../dialects/native/index.ts";
import {
  type SharedState,
  type SharedStateClient,
  sharedState,
  sharedStateClient,
} from "../../features/shared-state/index.ts";
import { type ServerAndClient, serverAndClient } from "../../testing/server-and-client.ts";
import { followDocument } from "./follow-document.ts";
import { sharedDocuments } from "./shared-documents.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const code = (is: string) => expect.objectContaining({ code: is });

async function sharing() {
  const installed: SharedState[] = [];
  const text = await sharedDocuments();
  const declare = { "text/*": text, "text/closed": { ...text, write: "nobody" } } as const;
  const pair = await serverAndClient({
    dialect: native({ crypto: webCrypto() }),
    register: (server) => void installed.push(server.install(sharedState({ declare }))),
    client: { reconnect: { baseMs: 1, maxMs: 5 } },
  });
  open.push(pair);
  const [state] = installed;
  if (!state) throw new Error("nothing was registered");
  const client = async (): Promise<SharedStateClient> =>
    (await pair.connect()).install(sharedStateClient({ onError: () => {} }));
  return { state, pair, client };
}

async function followed(shared: SharedStateClient, name: string, document = new Y.Doc()) {
  const follower = await followDocument(shared, name, document);
  open.push(follower);
  return { document, follower, text: document.getText("body") };
}

const contentOf = (document: Y.Doc) => ({
  body: document.getText("body").toString(),
  map: document.getMap("map").toJSON(),
});

function breakAll({ server }: ServerAndClient): void {
  for (const connection of [...server.connections.values()]) {
    void connection.close(new SealwireError("UNAVAILABLE", "cut by the test"));
  }
}

it("shows to all what each writes, those who come later too", async () => {
  const { client } = await sharing();
  const [one, two] = [await client(), await client()];
  const before = new Y.Doc();
  before.getText("body").insert(0, "written before. ");
  const first = await followed(one, "text/a", before);
  const second = await followed(two, "text/a");
  second.text.insert(second.text.length, "two");
  await Promise.all([first.follower.synced(), second.follower.synced()]);
  const late = await followed(await client(), "text/a");
  await expect.poll(() => first.text.toString()).toBe(second.text.toString());
  expect(late.text.toString()).toContain("two");
  expect(late.text.toString()).toContain("written before. ");
});

/** Who does what: writes at a place, deletes there, or breaks all connections. */
const edits = fc.array(
  fc.record({
    who: fc.nat(2),
    what: fc.constantFrom("insert", "insert", "insert", "delete", "set", "break", "wait"),
    at: fc.nat(50),
    word: fc.string({ minLength: 1, maxLength: 12 }),
  }),
  { minLength: 1, maxLength: 25 },
);

it("comes to the same document everywhere, whoever edits what in whatever order", async () => {
  const { state, pair, client } = await sharing();
  const clients = [await client(), await client(), await client()];
  let run = 0;
  await fc.assert(
    fc.asyncProperty(edits, async (steps) => {
      const name = `text/${run++}`;
      const all = await Promise.all(clients.map((shared) => followed(shared, name)));
      for (const { who, what, at, word } of steps) {
        const { text, document } = all[who] ?? { text: new Y.Text(), document: new Y.Doc() };
        if (what === "break") breakAll(pair);
        if (what === "wait") await all[who]?.follower.synced();
        if (what === "insert") text.insert(at % (text.length + 1), word);
        if (what === "delete" && text.length > 0) text.delete(at % text.length, 1);
        if (what === "set") document.getMap("map").set(word.slice(0, 1), at);
      }
      await Promise.all(all.map(({ follower }) => follower.synced()));
      const kept = new Y.Doc();
      const value = state.get(name);
      if (value instanceof Uint8Array) Y.applyUpdate(kept, value);
      const said = () => all.map(({ document }) => contentOf(document));
      await expect.poll(said).toEqual(all.map(() => contentOf(kept)));
      await Promise.all(all.map(({ follower }) => follower.close()));
    }),
    { numRuns: 15 },
  );
});

it("brings everything again to a server that has lost it", async () => {
  const { state, client } = await sharing();
  const { text, follower } = await followed(await client(), "text/a");
  text.insert(0, "first ");
  await follower.synced();
  await state.delete("text/a");
  text.insert(text.length, "second");
  await follower.synced();
  const kept = new Y.Doc();
  Y.applyUpdate(kept, state.get("text/a") as Uint8Array);
  expect(kept.getText("body").toString()).toBe("first second");
});

it("follows through the server's own variables too", async () => {
  const { state, client } = await sharing();
  const mine = new Y.Doc();
  const atServer = await followDocument(state, "text/a", mine);
  const { text } = await followed(await client(), "text/a");
  mine.getText("body").insert(0, "by the server");
  await atServer.synced();
  await expect.poll(() => text.toString()).toBe("by the server");
  await atServer.close();
});

it("ends where it may not write, and where there is no document", async () => {
  const { state, client } = await sharing();
  const { text, follower } = await followed(await client(), "text/closed");
  text.insert(0, "x");
  await expect(follower.synced()).rejects.toEqual(code("PERMISSION_DENIED"));
  await expect(follower.ended).rejects.toEqual(code("PERMISSION_DENIED"));
  for (const [name, value] of [
    ["plain", 7],
    ["bytes", Uint8Array.of(1, 2, 3)],
  ] as const) {
    await state.set(name, value);
    const failed = followDocument(await client(), name, new Y.Doc());
    await expect(failed).rejects.toBeInstanceOf(SealwireError);
  }
});

it("says that not all was sent when it is closed too early", async () => {
  const { client } = await sharing();
  const shared = await client();
  const deaf = { watch: shared.watch, set: () => new Promise<void>(() => {}) };
  const document = new Y.Doc();
  const follower = await followDocument(deaf, "text/a", document);
  document.getText("body").insert(0, "never sent");
  const synced = follower.synced();
  await follower.close();
  await expect(synced).rejects.toEqual(code("UNAVAILABLE"));
});
