// Stores the values of the expressions on standard input by the published @upstash/redis,
// and writes what it reads of the keys that are named there.
import { readFileSync } from "node:fs";

import { Redis } from "@upstash/redis";

const { write, read } = JSON.parse(readFileSync(0, "utf8"));
const redis = Redis.fromEnv({ enableTelemetry: false, retry: false });
for (const [i, expression] of write.entries()) {
  const value = (0, eval)(`(${expression})`);
  await redis.set(`js:${i}`, value);
  await redis.rpush("js:list", value);
  await redis.hset("js:hash", { [i]: value });
}
const values = [];
for (const key of read) values.push(JSON.stringify(await redis.get(key)));
console.log(JSON.stringify(values));
