import { deflate } from "../../src/codecs/deflate.ts";
import { native } from "../../src/presets/node.ts";
import { dialectSuite } from "../../src/testing/dialect-suite.ts";
import { ANN, API_KEY, everybody, SECRET, TOKEN } from "../native/greeting.ts";

dialectSuite("native", () => ({ dialect: native() }));

// No wire of ours is one-way; this holds in place what the engine does on those that are.
dialectSuite("a wire on which only the client calls", () => {
  const dialect = native();
  return { dialect: { ...dialect, vocabulary: { ...dialect.vocabulary, callsBothWays: false } } };
});

dialectSuite("native with everything that it may do", () => {
  const compression = deflate();
  return { dialect: native({ compression, paddingBytes: 256, rekeyAfterRecords: 10 }) };
});

dialectSuite("native with an API key", async () => ({
  dialect: native(),
  server: { authenticator: await everybody() },
  client: { credentials: { scheme: "api-key", key: API_KEY } },
}));

dialectSuite("native with a shared secret", async () => ({
  dialect: native(),
  server: { authenticator: await everybody() },
  client: { credentials: { scheme: "secret", secret: SECRET } },
}));

dialectSuite("native with a token", async () => ({
  dialect: native(),
  server: { authenticator: await everybody() },
  client: { credentials: { scheme: "token", token: TOKEN } },
}));

dialectSuite("native with a key pair", async () => ({
  dialect: native(),
  server: { authenticator: await everybody() },
  client: { credentials: { scheme: "key-pair", secretKey: ANN.secretKey } },
}));
