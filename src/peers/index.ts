export type { PathKind } from "./path.ts";
export {
  createPeerOn,
  type PeerHandle,
  type PeerOptions,
  type PeerPlatform,
} from "./peer.ts";
export {
  type Outgoing,
  PeerService,
  type PeerServiceOptions,
  type ServiceCounters,
} from "./peer-service.ts";
export { SERVICE_PORT, serviceAddress } from "./rendezvous-address.ts";
export { SERVICE_LIMITS, type ServiceLimits } from "./service-limits.ts";
export { type RunnerParts, type RunningService, runPeerService } from "./service-runner.ts";
export type { OnStatus, PeerPhase, PeerStatus } from "./status.ts";
export type {
  AgreedStream,
  PeerEndpoint,
  PeerNetwork,
  PeerStream,
  PeerSurroundings,
  SharedSocket,
} from "./surroundings.ts";
