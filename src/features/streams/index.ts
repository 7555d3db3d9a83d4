export type { SlowSubscriber, StreamsOptions } from "./options.ts";
export { ServerStream, type StreamInfo } from "./server-stream.ts";
export {
  type ListedStream,
  StreamClient,
  type StreamClientOptions,
  type StreamSubscription,
  streamClient,
} from "./stream-client.ts";
export type { ClientItem } from "./stream-table.ts";
export { type Streams, streams } from "./streams.ts";
