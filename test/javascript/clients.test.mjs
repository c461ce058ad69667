// The published @upstash/redis and @upstash/ratelimit, which nobody here wrote,
// against the server that the environment names.
import assert from "node:assert/strict";
import { randomUUID, createHash } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis";

const variants = {
  "as it is": {},
  "without auto-pipelining": { enableAutoPipelining: false },
  "without base64": { responseEncoding: false },
  "without either": { enableAutoPipelining: false, responseEncoding: false },
  "without reading JSON": { automaticDeserialization: false },
};
const client = (options = {}) => Redis.fromEnv({ enableTelemetry: false, retry: false, ...options });
const name = (kind) => `${kind}:${randomUUID()}`;

for (const [variant, options] of Object.entries(variants)) {
  test(`commands, ${variant}`, async () => {
    const redis = client(options);
    const raw = options.automaticDeserialization === false;
    const number = (n) => (raw ? String(n) : n);
    const k = name("string");
    assert.equal(await redis.set(k, "äöü 😀 \n \"quoted\""), "OK");
    assert.equal(await redis.get(k), "äöü 😀 \n \"quoted\"");
    assert.equal(await redis.get(name("none")), null);
    assert.equal(await redis.set(k, 1000000), "OK");
    assert.equal(await redis.get(k), number(1000000));
    assert.equal(await redis.incrby(k, 5), 1000005);
    assert.equal(await redis.set(k, "x", { ex: 100, xx: true }), "OK");
    assert.ok((await redis.ttl(k)) > 90);
    assert.equal(await redis.del(k), 1);
    await redis.set(k, { a: [1, null, "x"], b: true });
    assert.deepEqual(await redis.get(k), raw ? '{"a":[1,null,"x"],"b":true}' : { a: [1, null, "x"], b: true });
    assert.deepEqual(await redis.mget(k, name("none")), raw ? ['{"a":[1,null,"x"],"b":true}', null] : [{ a: [1, null, "x"], b: true }, null]);

    const h = name("hash");
    assert.equal(await redis.hset(h, { field: "value", n: 7 }), 2);
    assert.equal(await redis.hget(h, "field"), "value");
    assert.equal(await redis.hincrby(h, "n", 3), 10);
    if (!raw) assert.deepEqual(await redis.hgetall(h), { field: "value", n: 10 });
    assert.deepEqual(await redis.hgetall(name("none")), raw ? [] : null);

    const l = name("list");
    assert.equal(await redis.rpush(l, "a", "b", "c"), 3);
    assert.deepEqual(await redis.lrange(l, 0, -1), ["a", "b", "c"]);
    const z = name("zset");
    assert.equal(await redis.zadd(z, { score: 1, member: "one" }, { score: 2.5, member: "two" }), 2);
    assert.deepEqual((await redis.zrange(z, 0, -1, { withScores: true })).map(String), ["one", "1", "two", "2.5"]);
    const s = name("set");
    assert.equal(await redis.sadd(s, "x", "y"), 2);
    assert.deepEqual((await redis.smembers(s)).sort(), ["x", "y"]);
    await assert.rejects(redis.lpush(s, "x"), /WRONGTYPE/);
    assert.equal(await redis.ping(), "PONG");
    assert.equal(await redis.echo("hello"), "hello");

    const many = await Promise.all(Array.from({ length: 50 }, (_, i) => redis.incrby(name("n"), i)));
    assert.deepEqual(many, Array.from({ length: 50 }, (_, i) => i));
  });

  test(`pipelines and transactions, ${variant}`, async () => {
    const redis = client(options);
    for (const begin of ["pipeline", "multi"]) {
      const k = name(begin);
      const p = redis[begin]();
      p.set(k, "1").incr(k).get(name("none")).rpush(k + ":l", "a", "b").lrange(k + ":l", 0, -1);
      assert.deepEqual(await p.exec(), ["OK", 2, null, 2, ["a", "b"]]);
      const failing = redis[begin]();
      failing.set(k, "text").lpush(k, "x").get(k);
      const results = await failing.exec({ keepErrors: true });
      assert.equal(results[0].result, "OK");
      assert.match(results[1].error, /WRONGTYPE/);
      assert.equal(results[2].result, "text");
      const throwing = redis[begin]();
      throwing.lpush(k, "x");
      await assert.rejects(throwing.exec(), /WRONGTYPE/);
    }
  });

  test(`scripts, ${variant}`, async () => {
    const redis = client(options);
    const source = `return {KEYS[1], ARGV[1], 7, false, "${variant}"}`;
    const want = (k) => [k, "x", 7, null, variant];
    const k = name("script");
    assert.deepEqual(await redis.eval(source, [k], ["x"]), want(k));
    const script = redis.createScript(source);
    assert.deepEqual(await script.eval([k], ["x"]), want(k));
    assert.deepEqual(await script.exec([k], ["x"]), want(k));
    await redis.scriptFlush();
    assert.deepEqual(await redis.scriptExists(createHash("sha1").update(source).digest("hex")), [0]);
    await assert.rejects(script.evalsha([k], ["x"]), /NOSCRIPT/);
    assert.deepEqual(await script.exec([k], ["x"]), want(k), "by source after the flush");
    assert.deepEqual(await script.evalsha([k], ["x"]), want(k));
    const sha = await redis.scriptLoad(source);
    assert.equal(sha, createHash("sha1").update(source).digest("hex"));
    assert.deepEqual(await redis.evalsha(sha, [k], ["x"]), want(k));
    const reader = redis.createScript("return redis.call('GET', KEYS[1])", { readonly: true });
    assert.equal(await reader.exec([name("none")], []), null);
  });
}

test("subscriptions", async () => {
  const redis = client();
  const channel = name("channel");
  const got = [];
  const subscriber = redis.subscribe(channel);
  const pattern = redis.psubscribe(channel + "*");
  const both = Promise.all([
    new Promise((resolve) => subscriber.on("subscribe", resolve)),
    new Promise((resolve) => pattern.on("psubscribe", resolve)),
  ]);
  const all = new Promise((resolve) => {
    const note = (m) => got.push(m) === 3 && resolve();
    subscriber.on("message", note);
    pattern.on("pmessage", note);
  });
  await both;
  assert.equal(await redis.publish(channel, "hello, world"), 2);
  assert.equal(await redis.publish(channel, { a: 1 }), 2);
  await all;
  const texts = got.map((m) => JSON.stringify(m.message)).sort();
  // Of a pattern's messages this client takes only those that are JSON.
  assert.deepEqual(texts, ['"hello, world"', '{"a":1}', '{"a":1}']);
  assert.ok(got.every((m) => m.channel === channel));
  await subscriber.unsubscribe();
  await pattern.unsubscribe();
});

const algorithms = {
  fixedWindow: () => Ratelimit.fixedWindow(10, "1 h"),
  slidingWindow: () => Ratelimit.slidingWindow(10, "1 h"),
  tokenBucket: () => Ratelimit.tokenBucket(10, "1 h", 10),
  cachedFixedWindow: () => Ratelimit.cachedFixedWindow(10, "1 h"),
};
for (const [algorithm, make] of Object.entries(algorithms)) {
  for (const [variant, options] of Object.entries(variants).slice(0, 4)) {
    test(`rate limiter, ${algorithm}, ${variant}`, async () => {
      const redis = client(options);
      const prefix = name("ratelimit");
      const limiter = () =>
        new Ratelimit({ redis, limiter: make(), prefix, ephemeralCache: algorithm === "cachedFixedWindow" ? new Map() : false });
      const limit = limiter();
      const id = "user";
      const first = await limit.limit(id);
      assert.equal(first.success, true);
      assert.equal(first.limit, 10);
      assert.equal(first.remaining, 9);
      await first.pending;
      const rest = [];
      for (let i = 0; i < 14; i++) {
        const r = await limit.limit(id);
        await r.pending;
        rest.push(r.success);
      }
      assert.deepEqual(rest, [...Array(9).fill(true), ...Array(5).fill(false)], "ten in all");
      const left = await limit.getRemaining(id);
      assert.equal(left.remaining, 0);
      assert.ok(left.reset > Date.now());
      assert.equal((await limit.limit("another")).success, true);
      await redis.scriptFlush();
      assert.equal((await limit.limit("a third")).success, true, "after the scripts were lost");
      await limit.resetUsedTokens(id);
      assert.equal((await limiter().getRemaining(id)).remaining, 10);
      const again = await limiter().limit(id);
      assert.equal(again.success, true);
      const several = await limiter().limit("rated", { rate: 4 });
      assert.equal(several.remaining, 6);
      const concurrent = await Promise.all(Array.from({ length: 30 }, () => limiter().limit("concurrent")));
      if (algorithm !== "cachedFixedWindow") assert.equal(concurrent.filter((r) => r.success).length, 10, "exactly the limit");
    });
  }
}

test("rate limiter, waits until there is room", async () => {
  const limit = new Ratelimit({ redis: client(), limiter: Ratelimit.fixedWindow(1, "300 ms"), prefix: name("ratelimit"), ephemeralCache: false });
  assert.equal((await limit.limit("u")).success, true);
  const later = await limit.blockUntilReady("u", 5000);
  assert.equal(later.success, true);
  await sleep(1);
});
