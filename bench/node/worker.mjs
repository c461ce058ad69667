// What cmd/worker does, with the published client. Its arguments are the digest,
// how many callers there are at a time, whether they share requests, and "limit" for
// the published rate limiter.
import { createInterface } from "node:readline";
import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis";

const [sha, callers, auto, what] = process.argv.slice(2);
const redis = Redis.fromEnv({ enableAutoPipelining: auto === "true" });

const limiter = new Ratelimit({ redis, limiter: Ratelimit.slidingWindow(1e9, "60 s"), ephemeralCache: false });

async function caller(n) {
  for (let i = 0; i < n; i++) {
    if (what === "limit") {
      const { success } = await limiter.limit("user:456");
      if (!success) throw new Error("refused");
      continue;
    }
    const reply = await redis.evalsha(sha, ["ratelimit:user:456"], [10, 60]);
    if (typeof reply !== "number") throw new Error(`got ${reply}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const ops = Number(line);
  global.gc();
  const cpu = process.cpuUsage();
  const begun = process.hrtime.bigint();
  await Promise.all(Array.from({ length: Number(callers) }, () => caller(Math.ceil(ops / Number(callers)))));
  const wall = Number(process.hrtime.bigint() - begun);
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ Ops: Math.ceil(ops / Number(callers)) * Number(callers), Wall: wall, CPU: (user + system) * 1000 }));
}
