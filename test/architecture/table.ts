/** Where `node:` modules and Node's globals may be used. */
export type NodeUse =
  | "never"
  | "everywhere"
  /** Only in files whose name ends in `.node.ts`, or is `node.ts`. */
  | "node-files"
  /** Everywhere but in files that browsers get. */
  | "but-browser-files";

/** One row of the import table in `docs/architecture.md`, section 5. */
export interface FolderRule {
  /** A folder below `src`; `*` stands for one folder name. The most exact row counts. */
  readonly folder: string;
  /** How the sentence of a violation calls it; its own name if absent. */
  readonly called?: string;
  readonly mayImport: readonly string[];
  /** Packages of npm by name; `@scope/*` stands for a family. */
  readonly packages?: readonly string[];
  /** May wrap one optional peer of its own choice. */
  readonly ownPeer?: true;
  readonly node: NodeUse;
  /** Browser files besides `*.browser.ts`. */
  readonly browserFiles?: readonly string[];
  /** May import what only the user of Sealwire knows by name. */
  readonly loadsModules?: true;
}

const ABOVE_PRESETS: readonly string[] = [
  "core",
  "bytes",
  "framing",
  "codecs",
  "crypto",
  "auth",
  "dialects",
  "transports",
  "stun",
  "features",
  "adapters",
  "server",
  "client",
  "sync",
  "peers",
  "gateway",
  "testing",
];

/** The whole table, also for folders that do not exist yet. */
export const IMPORT_TABLE: readonly FolderRule[] = [
  { folder: "core/model", mayImport: [], node: "never" },
  { folder: "core/contracts", mayImport: ["core/model"], node: "never" },
  { folder: "core/engine", mayImport: ["core/model", "core/contracts"], node: "never" },
  // The door for authors of dialects and transports; inside the project nobody uses it.
  { folder: "core", mayImport: ["core/model", "core/contracts", "core/engine"], node: "never" },
  { folder: "bytes", mayImport: ["core/model"], node: "never" },
  { folder: "framing", mayImport: ["core", "bytes"], node: "never" },
  {
    folder: "codecs",
    mayImport: ["core", "bytes"],
    packages: ["fflate"],
    node: "never",
  },
  {
    folder: "crypto",
    mayImport: ["core", "bytes"],
    packages: ["@noble/*", "sodium-native", "@serenity-kit/opaque"],
    node: "node-files",
  },
  { folder: "auth", mayImport: ["core", "bytes", "crypto"], node: "node-files" },
  {
    folder: "dialects/*",
    called: "dialects",
    mayImport: ["core", "bytes", "framing", "codecs", "crypto"],
    node: "never",
  },
  {
    folder: "transports/*",
    called: "transports",
    mayImport: ["core", "bytes"],
    ownPeer: true,
    node: "but-browser-files",
  },
  { folder: "transports/memory", mayImport: ["core", "bytes"], node: "never" },
  {
    folder: "transports/websocket",
    mayImport: ["core", "bytes"],
    packages: ["ws"],
    node: "but-browser-files",
  },
  {
    folder: "transports/udp",
    mayImport: ["core", "bytes", "crypto", "stun"],
    ownPeer: true,
    node: "everywhere",
  },
  {
    folder: "transports/srmudp",
    mayImport: ["core", "bytes", "transports/udp", "crypto", "stun"],
    node: "everywhere",
  },
  {
    folder: "transports/zeromq",
    mayImport: ["core", "bytes", "transports/tcp", "crypto"],
    node: "everywhere",
  },
  { folder: "stun", mayImport: ["core", "bytes", "crypto"], node: "never" },
  {
    folder: "features/*",
    called: "features",
    mayImport: ["core", "bytes", "codecs", "crypto"],
    ownPeer: true,
    node: "node-files",
  },
  {
    folder: "adapters/*",
    called: "adapters",
    mayImport: ["core", "bytes"],
    // Threads load modules in TypeScript.
    packages: ["jiti"],
    ownPeer: true,
    node: "everywhere",
    loadsModules: true,
  },
  {
    folder: "adapters/nats",
    mayImport: ["core", "bytes", "crypto"],
    packages: ["@nats-io/transport-node", "@nats-io/jetstream"],
    node: "everywhere",
  },
  { folder: "server", mayImport: ["core", "bytes"], node: "node-files" },
  { folder: "client", mayImport: ["core", "bytes"], node: "node-files" },
  { folder: "sync", mayImport: ["core", "client", "presets"], node: "everywhere" },
  {
    folder: "peers",
    mayImport: ["core", "bytes", "codecs", "crypto", "stun", "server", "client"],
    node: "never",
  },
  {
    folder: "gateway",
    mayImport: [
      "core",
      "bytes",
      "codecs",
      "crypto",
      "auth",
      "transports",
      "dialects/raw",
      "dialects/native",
      "peers",
      "stun",
    ],
    node: "but-browser-files",
    browserFiles: ["client.ts"],
  },
  {
    folder: "testing",
    mayImport: ["core", "bytes", "server", "client", "*/memory"],
    packages: ["vitest"],
    node: "never",
  },
  { folder: "presets", mayImport: ABOVE_PRESETS, node: "node-files" },
  {
    folder: "console",
    mayImport: [...ABOVE_PRESETS, "presets"],
    packages: ["preact"],
    node: "everywhere",
  },
  {
    folder: "cli",
    mayImport: [...ABOVE_PRESETS, "presets", "console"],
    packages: ["commander", "jiti", "picocolors", "@scure/bip39"],
    node: "everywhere",
    loadsModules: true,
  },
];
