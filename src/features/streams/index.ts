export type { SlowSubscriber, StreamsOptions } from "./options.ts";
export { ServerStream, type StreamInfo } from "./server-stream.ts";
export {
  type ListedStream,
  StreamClient,
  type StreamClientOptions,
  type StreamSubscription,
  streamClient,
} from "./stream-client.ts";
export { type ClientItem, Streams, streams } from "./streams.ts";
