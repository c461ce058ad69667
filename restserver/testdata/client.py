"""Debian's Python client of Redis, redis-py, on the port that is the argument."""

import sys

import redis

r = redis.Redis(host="127.0.0.1", port=int(sys.argv[1]), db=5, client_name="python", decode_responses=True)
assert r.ping() and r.client_getname() == "python"
assert r.set("k", "äöü\0", ex=100) is True and r.get("k") == "äöü\0" and 0 < r.ttl("k") <= 100
assert r.get("none") is None
try:
    r.lpush("k", "x")
    raise AssertionError("no error")
except redis.ResponseError as e:
    assert str(e).startswith("WRONGTYPE"), e
assert r.pipeline(transaction=False).incr("n").incr("n").execute() == [1, 2]
with r.pipeline() as p:
    p.watch("n")
    r.incr("n")
    p.multi()
    p.incr("n")
    try:
        p.execute()
        raise AssertionError("no error")
    except redis.WatchError:
        pass
add = r.register_script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
assert add(keys=["n"], args=[7]) == 10
assert r.hset("h", mapping={"a": 1, "b": 2}) == 2 and r.hgetall("h") == {"a": "1", "b": "2"}
assert r.zadd("z", {"m": 1.5}) == 1 and r.zrange("z", 0, -1, withscores=True) == [("m", 1.5)]
entry = r.xadd("s", {"f": "v"})
assert r.xread({"s": 0}) == [["s", [(entry, {"f": "v"})]]]
assert sorted(r.scan_iter()) == ["h", "k", "n", "s", "z"]
with r.pubsub() as news:
    news.subscribe("news")
    assert news.get_message(timeout=5)["type"] == "subscribe"
    assert r.publish("news", "hi") == 1
    assert news.get_message(timeout=5)["data"] == "hi"
with r.lock("lock", timeout=10) as held:
    assert held.owned() and not r.lock("lock").acquire(blocking=False)
assert r.info()["redis_version"] and r.config_get("maxmemory-policy") and r.client_list()
