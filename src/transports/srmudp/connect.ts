import type { Channel } from "../../core/contracts/transport.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { bindUdp } from "../udp/datagram-socket.ts";
import { parseAddress } from "./address.ts";
import { unanswered } from "./failures.ts";
import { Link } from "./link.ts";
import { linkChannel } from "./link-channel.ts";
import type { SrmudpSettings } from "./options.ts";
import { anyEndpoint, resolveEndpoint } from "./resolve-endpoint.ts";

/** Greets the peer at an address and gives the channel. */
export async function connect(
  address: URL,
  signal: AbortSignal,
  settings: SrmudpSettings,
): Promise<Channel> {
  if (signal.aborted) throw SealwireError.from(signal.reason, "CANCELLED");
  const { remote: named, local } = parseAddress(address);
  const remote = await resolveEndpoint(named);
  const socket = await bindUdp({ ...anyEndpoint(remote), ...local });
  try {
    return await new Promise<Channel>((resolve, reject) => {
      const onAbort = () => fail(SealwireError.from(signal.reason, "CANCELLED"));
      const late = () => fail(unanswered(remote, settings.connectTimeoutMs));
      const cancel = settings.clock.after(settings.connectTimeoutMs, late, true);
      const settle = () => {
        cancel();
        signal.removeEventListener("abort", onAbort);
      };
      const link = new Link(settings, {
        socket,
        remote,
        reconnect: false,
        onState(state) {
          settle();
          if (state.state === "established") resolve(linkChannel(link, () => socket.close()));
          else if (state.state === "closed") {
            // So long the peer may ask once more whether we have closed.
            settings.clock.after(LINGER_MS, () => void socket.close());
            reject(state.reason ?? unanswered(remote, settings.connectTimeoutMs));
          }
        },
      });
      function fail(error: SealwireError): void {
        reject(error);
        void link.close(error);
      }
      signal.addEventListener("abort", onAbort);
      socket.receive((bytes, from) => link.receive(bytes, from));
      link.start();
    });
  } catch (error) {
    await socket.close();
    throw error;
  }
}

const LINGER_MS = 300;
