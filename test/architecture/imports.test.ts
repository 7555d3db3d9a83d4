import { describe, expect, it } from "vitest";
import { importViolations, unitOf } from "./imports.ts";

const manifest = {
  dependencies: { "@noble/hashes": "1", "@msgpack/msgpack": "1", ws: "1", commander: "1" },
  peerDependencies: { "sodium-native": "1", lmdb: "1" },
  peerDependenciesMeta: { "sodium-native": { optional: true }, lmdb: { optional: true } },
};

function judge(path: string, text: string): readonly string[] {
  return importViolations([{ path, text }], manifest);
}

describe("importViolations", () => {
  it("says who may import what when a dialect reaches for a transport", () => {
    const source = `import { tcp } from "../../transports/tcp/index.ts";`;
    expect(judge("dialects/netconduit/messages.ts", source)).toEqual([
      "dialects/netconduit/messages.ts imports transports/tcp: " +
        "dialects may import core, bytes, framing, codecs, crypto",
    ]);
  });

  it.each([
    ["dialects/native/index.ts", `import { parse } from "../raw/messages.ts";`],
    ["core/model/call.ts", `import type { Clock } from "../contracts/clock.ts";`],
    ["core/contracts/turn.ts", `export * from "../engine/send-queue.ts";`],
    ["core/engine/router.ts", `import { text } from "../../bytes/text.ts";`],
    ["bytes/text.ts", `import type { Channel } from "../core/contracts/transport.ts";`],
    ["transports/tcp/connect.ts", `const late = await import("../udp/socket.ts");`],
    ["transports/tcp/listen.ts", `new Worker(new URL("../../sync/worker.ts", import.meta.url));`],
    ["server/access.ts", `import { apiKeys } from "../auth/api-keys.ts";`],
    ["server/server.ts", `type Lent = import("../client/client.ts").Client;`],
    ["testing/pair.ts", `import { tcp } from "../transports/tcp/index.ts";`],
    ["features/rooms/room.ts", `import { here } from "../presence/presence.ts";`],
    ["gateway/join.ts", `import { zmq } from "../dialects/zmq-password/index.ts";`],
    ["presets/node.ts", `import { main } from "../cli/main.ts";`],
    ["client/connect.ts", `import type { Dialect } from "../core/index.ts";`],
    ["client/connect.ts", `import type { Dialect } from "../core/contracts/dialect.js";`],
    ["client/connect.ts", `import manifest from "../../package.json" with { type: "json" };`],
    ["somewhere/new.ts", ""],
    ["dialects/shared.ts", ""],
    ["loose.ts", ""],
  ])("refuses in %s: %s", (path, source) => {
    expect(judge(path, source)).toHaveLength(1);
  });

  it.each([
    ["core/engine/router.ts", `import { readFile } from "node:fs/promises";`],
    ["crypto/box.ts", `import { createHash } from "node:crypto";`],
    ["crypto/box.ts", `const bytes = Buffer.from(text);`],
    ["core/engine/timer.ts", `process.nextTick(run);`],
    ["transports/memory/pair.ts", `import { EventEmitter } from "node:events";`],
    ["transports/websocket/index.browser.ts", `import { Socket } from "node:net";`],
    ["gateway/client.ts", `import { Socket } from "node:net";`],
    ["presets/browser.ts", `import { Socket } from "node:net";`],
  ])("keeps Node out of %s: %s", (path, source) => {
    expect(judge(path, source)).toHaveLength(1);
  });

  it.each([
    ["crypto/box.ts", `import { z } from "zod";`],
    ["codecs/msgpack.ts", `import { sha256 } from "@noble/hashes/sha2.js";`],
    ["dialects/native/index.ts", `import { encode } from "@msgpack/msgpack";`],
    ["core/engine/router.ts", `const native = await import("sodium-native");`],
    ["auth/passwords.ts", `createRequire(import.meta.url)("sodium-native");`],
    ["server/server.ts", `const lmdb = require("lmdb");`],
    ["server/server.ts", `const lmdb = await import(name);`],
    ["server/server.ts", "const lmdb = await import(`${prefix}lmdb`);"],
    ["server/server.ts", `import { connect } from "sealwire";`],
  ])("keeps packages where the table has them, so not in %s: %s", (path, source) => {
    expect(judge(path, source)).toHaveLength(1);
  });

  it.each([
    ["core/engine/router.ts", `import type { Call } from "../model/call.ts";`],
    ["dialects/native/index.ts", `import { noise } from "../../crypto/noise.ts";`],
    ["dialects/native/index.ts", `import { format } from "./messages.ts";`],
    ["crypto/providers/sodium.node.ts", `import { createRequire } from "node:module";`],
    ["crypto/providers/sodium.node.ts", `const sodium = await import("sodium-native");`],
    ["crypto/providers/noble.ts", `import { x25519 } from "@noble/hashes/x.js";`],
    ["transports/websocket/listen.ts", `import { WebSocketServer } from "ws";`],
    ["transports/srmudp/window.ts", `import { socket } from "../udp/socket.ts";`],
    ["adapters/lmdb/store.ts", `import { open } from "lmdb";`],
    ["testing/suite.ts", `import { memory } from "../transports/memory/index.ts";`],
    ["cli/serve.ts", `await import(moduleUrl);`],
    ["presets/node.ts", `import { tcp } from "../transports/tcp/index.ts";`],
    ["core/engine/router.test.ts", `import { tcp } from "../../transports/tcp/index.ts";`],
  ])("allows in %s: %s", (path, source) => {
    expect(judge(path, source)).toEqual([]);
  });

  it("is not misled by comments, strings and regular expressions", () => {
    const source = [
      `// import { tcp } from "../transports/tcp/index.ts";`,
      `/* import "node:fs"; process.exit(); */`,
      `const said = 'import "node:fs"';`,
      `const quote = /["']/;`,
      'const told = `from "node:fs" ${said}`;',
      `export const half = said.length / 2;`,
    ].join("\n");
    expect(judge("bytes/text.ts", source)).toEqual([]);
  });

  it("sees an import that follows a quote in a regular expression", () => {
    const source = `const quote = /"/;\nimport { a } from "../auth/a.ts";\nconst end = /"/;`;
    expect(judge("bytes/text.ts", source)).toHaveLength(1);
  });
});

describe("unitOf", () => {
  it("counts each member of a family by itself and any other folder as a whole", () => {
    expect(unitOf("dialects/native/parts/x.ts")).toBe("dialects/native");
    expect(unitOf("crypto/providers/node.node.ts")).toBe("crypto");
  });
});
