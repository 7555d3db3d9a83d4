import type { Client } from "../client/client.ts";
import { ClientPool, type PoolOptions } from "../client/pool.ts";
import type { Clock } from "../core/contracts/clock.ts";
import { checkWhole } from "../core/engine/check-options.ts";
import { SealwireError } from "../core/model/errors.ts";
import type { WrittenClientOptions } from "./keys-in-options.ts";

/** One server of a pool: its address, and its own pin if the servers have different keys. */
export type PoolAddress =
  | string
  | URL
  | { readonly url: string | URL; readonly pin: NonNullable<WrittenClientOptions["pin"]> };

/** The options of a client, for each of its servers, and how calls are spread. */
export type PoolOptionsOver<Options> = Omit<Options, "signal"> &
  PoolOptions & {
    /**
     * Connections to each server. More than one helps on wires that carry one call at a time.
     *
     * @default 1
     */
    readonly connections?: number;
  };

/** Opens a pool whose members are connected by `connect`. */
export async function openPool<Options extends WrittenClientOptions>(
  addresses: readonly PoolAddress[],
  options: PoolOptionsOver<Options>,
  connect: (
    address: string | URL,
    options: Omit<Options, "signal"> & Pick<WrittenClientOptions, "pin" | "signal">,
  ) => Promise<Client>,
  clock: Clock,
): Promise<ClientPool> {
  const { connections = 1 } = options;
  checkWhole("connections", connections);
  const servers = addresses.flatMap((given) => {
    const { url, ...own } = typeof given === "object" && "url" in given ? given : { url: given };
    const server = {
      address: hostOf(url),
      connect: (signal: AbortSignal) => connect(url, { ...options, ...own, signal }),
    };
    return Array.from({ length: connections }, () => server);
  });
  const pool = new ClientPool(servers, clock, options);
  await pool.open();
  return pool;
}

/** Without user and password, which do not belong into logs. @throws `INVALID_ARGUMENT` */
function hostOf(address: string | URL): string {
  if (!URL.canParse(String(address))) {
    const message = "an address of the pool cannot be read; expected such as tcp://127.0.0.1:7000";
    throw new SealwireError("INVALID_ARGUMENT", message);
  }
  const { protocol, host } = new URL(address);
  return `${protocol}//${host}`;
}
