import { type Birthday, birthday, birthdayPlan } from "./birthday.ts";
import type { ProbeSocket } from "./path.ts";
import type { Prober } from "./prober.ts";
import type { SessionParts } from "./session-parts.ts";
import type { PeerEndpoint } from "./surroundings.ts";

/** So long the simple ways are tried alone. */
const SIMPLE_MS = 1_000;

/** The many ports that a session tries where the simple ways have found nothing. */
export class ManyTries {
  readonly #parts: SessionParts;
  readonly #prober: Prober;
  #birthday: Birthday | undefined;
  #cancel = () => {};

  constructor(parts: SessionParts, prober: Prober) {
    this.#parts = parts;
    this.#prober = prober;
  }

  /**
   * Begins after a while. To be called when both sides try the simple ways: before that, of course,
   * nothing answers.
   */
  begin(): void {
    this.#cancel = this.#parts.surroundings.clock.after(SIMPLE_MS, () => this.#try());
  }

  /** The endpoint behind one of its sockets. */
  endpointOf(socket: ProbeSocket): PeerEndpoint | undefined {
    return this.#birthday?.endpointOf(socket);
  }

  /** There is a direct path, or none is needed any more. */
  stop(keep?: ProbeSocket): void {
    this.#cancel();
    this.#birthday?.stop(keep);
  }

  /** After `stop`: closes the endpoint in use as well. */
  async close(): Promise<void> {
    await this.#birthday?.close();
  }

  #try(): void {
    const { surroundings, ground, own, other, role, takeTurn, onStatus } = this.#parts;
    const [remote] = other.candidates;
    const isFound = this.#prober.paths.some(
      ({ kind, answeredMs }) => kind === "direct" && answeredMs !== undefined,
    );
    const plan = birthdayPlan(own.nat, other.nat, role);
    if (!remote || isFound || plan.length === 0) return;
    const release = takeTurn();
    if (!release) return;
    onStatus({ status: "UDP_WAITING", phase: "birthday" });
    const { clock, network } = surroundings;
    this.#birthday = birthday({
      ...{ clock, network, prober: this.#prober, socket: ground.probes, remote },
      ...{ plan, onEnd: release },
    });
  }
}
