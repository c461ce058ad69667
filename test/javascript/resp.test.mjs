// The published ioredis and node-redis against the port for clients of Redis at REDIS_ADDR.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { Redis } from "ioredis";
import { createClient } from "redis";

const [host, port] = process.env.REDIS_ADDR.split(":");

test("ioredis", async (t) => {
  const redis = new Redis({ host, port: Number(port), db: 3, retryStrategy: null });
  const other = redis.duplicate();
  t.after(() => [redis, other].forEach((r) => r.disconnect()));
  assert.equal(await redis.set("k", "äöü\u0000"), "OK");
  assert.equal(await other.get("k"), "äöü\u0000");
  assert.equal(await redis.get("none"), null);
  await assert.rejects(redis.lpush("k", "x"), /WRONGTYPE/);
  assert.deepEqual(await redis.pipeline().incr("n").lpush("k", "x").incr("n").exec().then((all) => all.map(([err, v]) => err?.message.slice(0, 9) ?? v)), [1, "WRONGTYPE", 2]);
  assert.deepEqual(await redis.multi().incr("n").get("n").exec(), [[null, 3], [null, "3"]]);
  await redis.watch("n");
  await other.incr("n");
  assert.equal(await redis.multi().incr("n").exec(), null);
  redis.defineCommand("add", { numberOfKeys: 1, lua: "return redis.call('INCRBY', KEYS[1], ARGV[1])" });
  assert.equal(await redis.add("n", 6), 10);
  assert.deepEqual(await redis.hset("h", { a: 1, b: 2 }).then(() => redis.hgetall("h")), { a: "1", b: "2" });

  const messages = once(other, "pmessage");
  await other.psubscribe("news:*");
  assert.equal(await redis.publish("news:x", "hi"), 1);
  assert.deepEqual(await messages, ["news:*", "news:x", "hi"]);
  await other.punsubscribe();
  const popped = other.blpop("list", 0);
  await redis.rpush("list", "a");
  assert.deepEqual(await popped, ["list", "a"]);
  const stream = await redis.xadd("s", "*", "f", "v");
  assert.deepEqual(await redis.xread("STREAMS", "s", 0), [["s", [[stream, ["f", "v"]]]]]);
  const monitor = await redis.monitor();
  const line = once(monitor, "monitor");
  await other.ping();
  assert.deepEqual((await line)[1], ["ping"]);
  monitor.disconnect();
});

for (const RESP of [2, 3]) {
  test(`node-redis, RESP${RESP}`, async (t) => {
    const redis = createClient({ url: `redis://${host}:${port}/4`, RESP, name: "mine" });
    const other = redis.duplicate();
    await Promise.all([redis.connect(), other.connect()]);
    t.after(() => [redis, other].forEach((r) => r.destroy()));
    assert.equal(await redis.flushDb(), "OK");
    assert.equal(await redis.clientGetName(), "mine");
    assert.equal(await redis.set("k", "v", { expiration: { type: "EX", value: 100 } }), "OK");
    assert.equal(await other.get("k"), "v");
    assert.equal(await redis.get("none"), null);
    await assert.rejects(redis.lPush("k", "x"), /WRONGTYPE/);
    assert.deepEqual(await Promise.all([redis.incr("n"), redis.incr("n")]), [1, 2]); // one pipeline
    assert.deepEqual(await redis.multi().incr("n").get("n").exec(), [3, "3"]);
    assert.equal(await redis.eval("return redis.call('INCRBY', KEYS[1], ARGV[1])", { keys: ["n"], arguments: ["7"] }), 10);
    await redis.hSet("h", { a: "1", b: "2" });
    assert.deepEqual({ ...(await redis.hGetAll("h")) }, { a: "1", b: "2" });
    await redis.zAdd("z", [{ score: 1.5, value: "m" }]);
    assert.deepEqual(await redis.zRangeWithScores("z", 0, -1), [{ value: "m", score: 1.5 }]);

    let got;
    const message = new Promise((resolve) => (got = resolve));
    await other.subscribe("news", (text) => got(text));
    assert.equal(await redis.publish("news", "hi"), 1);
    assert.equal(await message, "hi");
    await other.unsubscribe();
    const popped = other.blPop("list", 0);
    await redis.rPush("list", "a");
    const { key, element } = await popped;
    assert.deepEqual([String(key), String(element)], ["list", "a"]); // after subscribe, RESP2 has buffers
  });
}
