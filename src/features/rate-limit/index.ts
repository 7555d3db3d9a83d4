export { type RateLimit, type RateLimitOptions, rateLimit } from "./rate-limit.ts";
export { type TokenBucket, type TokenBucketOptions, tokenBucket } from "./token-bucket.ts";
