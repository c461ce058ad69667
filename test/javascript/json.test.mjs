// Each JSON call of the published @upstash/redis, against the embedded database.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { Redis } from "@upstash/redis";

for (const [variant, options] of Object.entries({ "as it is": {}, "without auto-pipelining": { enableAutoPipelining: false }, "without base64": { responseEncoding: false } })) {
  test(`redis.json, ${variant}`, async () => {
    const { json, ...redis } = (() => {
      const client = Redis.fromEnv({ enableTelemetry: false, retry: false, ...options });
      return { json: client.json, del: (...keys) => client.del(...keys), type: (key) => client.type(key), pipeline: () => client.pipeline() };
    })();
    const [k, l] = [randomUUID(), randomUUID()];
    const ada = { name: "Ada \"é\" 😀", age: 36, tags: ["a", "b"], address: { city: "London", zip: null }, ok: true };
    assert.equal(await json.set(k, "$", ada), "OK");
    assert.equal(await json.set(k, "$", ada, { nx: true }), null);
    assert.equal(await json.set(k, "$.age", 37, { xx: true }), "OK");
    assert.deepEqual(await json.get(k), { ...ada, age: 37 });
    assert.deepEqual(await json.get(k, "$.tags[*]"), ["a", "b"]);
    assert.deepEqual(await json.get(k, "$.age", "$..city"), { "$.age": [37], "$..city": ["London"] });
    assert.deepEqual(await json.get(k, { indent: "\t", newline: "\n", space: " " }, "$.address"), [{ city: "London", zip: null }]);
    assert.equal(await json.get(randomUUID()), null);
    assert.deepEqual(await json.arrappend(k, "$.tags", '"c"', '"d"'), [4]);
    assert.deepEqual(await json.arrindex(k, "$.tags", '"c"'), [2]);
    assert.deepEqual(await json.arrinsert(k, "$.tags", 0, '"z"'), [5]);
    assert.deepEqual(await json.arrlen(k, "$.tags"), [5]);
    assert.deepEqual(await json.arrpop(k, "$.tags", 0), ["z"]);
    assert.deepEqual(await json.arrtrim(k, "$.tags", 1, 2), [2]);
    assert.deepEqual(await json.numincrby(k, "$.age", 5), [42]);
    assert.deepEqual(await json.nummultby(k, "$.age", 0.5), [21]);
    assert.deepEqual(await json.objkeys(k, "$.address"), [["city", "zip"]]);
    assert.deepEqual(await json.objlen(k, "$.address"), [2]);
    assert.deepEqual(await json.strappend(k, "$.address.city", '"!"'), [7]);
    assert.deepEqual(await json.strlen(k, "$.address.city"), [7]);
    assert.deepEqual(await json.toggle(k, "$.ok"), [0]);
    assert.deepEqual(await json.type(k, "$.*"), ["string", "number", "array", "object", "boolean"]);
    assert.deepEqual(await json.resp(k, "$.address"), [["{", "city", "London!", "zip", null]]);
    assert.equal(await json.merge(k, "$", { ok: null, address: { zip: "N1" } }), "OK");
    assert.equal(await json.mset({ key: l, path: "$", value: { n: [1, 2] } }, { key: k, path: "$.age", value: 1 }), "OK");
    assert.deepEqual(await json.mget([k, l, randomUUID()], "$..n"), [[], [[1, 2]], null]);
    assert.equal(await json.clear(l, "$.n"), 1);
    assert.deepEqual(await json.get(l), { n: [] });
    assert.equal(await json.del(k, "$..zip"), 1);
    assert.equal(await json.forget(k, "$.tags"), 1);
    assert.deepEqual(await json.get(k), { name: ada.name, age: 1, address: { city: "London!" } });
    assert.equal(await redis.type(k), "ReJSON-RL");
    const all = redis.pipeline();
    all.json.set(k, "$", [1]);
    all.json.arrappend(k, "$", 2);
    all.json.get(k);
    assert.deepEqual(await all.exec(), ["OK", [2], [1, 2]]);
    await assert.rejects(json.set(k, "$.", 1), /position 2/);
    await assert.rejects(json.numincrby(randomUUID(), "$", 1), /could not perform this operation on a key that doesn't exist/);
    assert.equal(await redis.del(k, l), 2);
  });
}
