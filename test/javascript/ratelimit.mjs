// The published @upstash/ratelimit as a program that answers each line with a line. A line is a call, with the time at which it
// happens.
import { createInterface } from "node:readline";

import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis";

const [algorithm, ...args] = JSON.parse(process.env.ALGORITHM);
const redis = Redis.fromEnv({ enableTelemetry: false, retry: false, enableAutoPipelining: false });
const limiters = {};
for (const prefix of ["alone", "shared"]) {
  limiters[prefix] = new Ratelimit({
    redis, prefix, limiter: Ratelimit[algorithm](...args), dynamicLimits: true, ephemeralCache: false, timeout: 0, enableTelemetry: false,
  });
}

let now = 0;
Date.now = () => now;
for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line);
  const limiter = limiters[call.prefix];
  now = call.now;
  let answer = {};
  switch (call.method) {
    case "limit":
      answer = await limiter.limit(call.id, { rate: call.cost });
      break;
    case "remaining":
      answer = await limiter.getRemaining(call.id);
      break;
    case "reset":
      await limiter.resetUsedTokens(call.id);
      break;
    case "setLimit":
      await limiter.setDynamicLimit({ limit: call.cost || false });
  }
  const { success, limit, remaining, reset } = answer;
  process.stdout.write(JSON.stringify({ success, limit, remaining, reset }) + "\n");
}
