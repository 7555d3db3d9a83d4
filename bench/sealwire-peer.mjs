/** Sealwire as an application uses it: the built package, API keys, the native dialect. */
const PRESET = process.env.SEALWIRE_PRESET ?? "../dist/presets/node.js";
const { apiKeys, connect, createServer, issueApiKey } = await import(
  new URL(PRESET, import.meta.url)
).catch((cause) => {
  throw new Error("Sealwire is not built; run npm run build in the root first", { cause });
});

export function sealwirePeer(scheme) {
  return {
    async serve() {
      const { key, record } = await issueApiKey({ user: "bench" });
      // Two thousand connections come from one address here.
      const server = createServer({ authenticator: apiKeys([record]), maxConnections: 10_000 });
      server.expose({
        add: (a, b) => a + b,
        echo: (bytes) => bytes,
        async *stream(count) {
          for (let i = 0; i < count; i++) yield { id: i, name: "item" };
        },
      });
      const { address } = await server.listen(`${scheme}://127.0.0.1:0`);
      return { url: address.href, key, pin: await server.fingerprint() };
    },
    async connect({ url, key, pin }) {
      const client = await connect(url, { credentials: { scheme: "api-key", key }, pin });
      return {
        add: (a, b) => client.call("add", [a, b]),
        echo: (bytes) => client.call("echo", [bytes]),
        async stream(count) {
          let items = 0;
          for await (const _ of client.stream("stream", [count])) items++;
          return items;
        },
        close: () => void client.close(),
      };
    },
  };
}
