import { connect } from "sealwire";
import { naclBox } from "sealwire/dialects/nacl-box";
import { sharedStateClient } from "sealwire/features/shared-state";
import { OriginalBrowserClient, type Sodium } from "./nacl-box-client.ts";

/** What the page does; each resolves with something that can leave the page. */
export interface BoxScenarios {
  /** The original's client: what it is told, one call after the other. */
  original(url: string, apiKey?: string): Promise<readonly unknown[]>;
  /** The same client: a recorded envelope again, and frames that are no requests. */
  malformed(url: string): Promise<readonly unknown[]>;
  /** So many of them at once, each with its key: who they are. */
  crowd(url: string, apiKeys: readonly string[]): Promise<readonly unknown[]>;
  /** Our client. */
  ours(url: string, key: string): Promise<readonly unknown[]>;
  /** Our client hears of a variable that the server changes when it is called. */
  pushed(url: string, key: string): Promise<unknown>;
}

/** Runs in the page; `sealwire` is the browser entry there. */
export function boxScenarios(sodium: Sodium): BoxScenarios {
  return {
    async original(url, apiKey) {
      const client = await OriginalBrowserClient.connect(sodium, url, apiKey);
      const said: unknown[] = [];
      const calls = [["ping"], ["add", 10, 20], ["whoami"], ["echo", "äöü€𝄞"], ["nope"]] as const;
      for (const [func, ...args] of calls) said.push(await told(client.call(func, ...args)));
      said.push(await told(client.call("__update_shared_var__", "zahl", 77)));
      said.push(await told(client.call("fail", "böse")));
      client.close();
      return said;
    },
    async malformed(url) {
      const client = await OriginalBrowserClient.connect(sodium, url, "abc");
      const envelope = client.envelope("ping", []);
      const said: unknown[] = [await client.raw(envelope), await client.raw(envelope)];
      said.push(await client.raw("no json"), await client.raw(Uint8Array.of(1, 2, 3)));
      said.push(await client.call("ping"));
      client.close();
      return said;
    },
    async crowd(url, apiKeys) {
      const one = async (key: string) => {
        const client = await OriginalBrowserClient.connect(sodium, url, key);
        const said = new Set<unknown>();
        for (let i = 0; i < 25; i += 1) said.add(await client.call("whoami"));
        client.close();
        return [...said];
      };
      return Promise.all(apiKeys.map(one));
    },
    async ours(url, key) {
      const client = await connect(url, {
        dialect: naclBox(),
        credentials: { scheme: "api-key", key },
      });
      const numbers = Array.from({ length: 64 }, (_, i) => i);
      const said = [
        await client.call("whoami"),
        await Promise.all(numbers.map((n) => client.call("add", [n, n]))),
        await told(client.call("nope")),
        await told(client.call("fail", ["böse"])),
      ];
      await client.close();
      return said;
    },
    async pushed(url, key) {
      const credentials = { scheme: "api-key", key } as const;
      const client = await connect(url, { dialect: naclBox({ push: true }), credentials });
      const shared = client.install(sharedStateClient());
      await shared.set("zahl", 5);
      await client.call("double", ["zahl"]);
      const value = shared.get("zahl");
      await client.close();
      return value;
    },
  };
}

async function told(call: Promise<unknown>): Promise<unknown> {
  return call.catch((thrown: unknown) => String(thrown));
}
