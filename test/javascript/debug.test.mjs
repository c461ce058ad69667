// The test client of Visual Studio Code against redis-rest debug --dap: on TCP at DAP_PORT, and on standard input and output of the
// program REDIS_REST.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";

import { DebugClient } from "@vscode/debugadapter-testsupport";

const dir = mkdtempSync(join(tmpdir(), "debug-"));
const write = (name, text) => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const purchase = resolve("../../examples/quickstart/purchase.lua");
/** The line of the purchase with this text. */
const at = (text) => readFileSync(purchase, "utf8").split("\n").findIndex((l) => l.includes(text)) + 1;
const seed = write("seed.txt", "SET stock 5\nSET balance 100\n");
const buy = { program: purchase, keys: ["stock", "balance"], args: [2, "30"], seed };

async function connect(t) {
  const dc = new DebugClient("none", "none", "redis-lua");
  dc.defaultTimeout = 10_000;
  await dc.start(Number(process.env.DAP_PORT));
  t.after(() => dc.stop());
  return dc;
}

/** Launches, sets breakpoints before the script begins, and returns the first stop. */
async function launch(dc, args, ...configure) {
  const stopped = dc.waitForEvent("stopped");
  const initialized = dc.waitForEvent("initialized");
  await dc.initializeRequest();
  await Promise.all([
    dc.launchRequest(args),
    initialized.then(async () => {
      for (const f of configure) await f();
      await dc.configurationDoneRequest();
    }),
  ]);
  return (await stopped).body;
}

const then = async (dc, request) => (await Promise.all([dc.waitForEvent("stopped"), request]))[0].body;
const frames = async (dc, threadId = 1) => (await dc.stackTraceRequest({ threadId })).body.stackFrames;
const line = async (dc, threadId = 1) => (await frames(dc, threadId))[0].line;
async function scope(dc, name, frameId) {
  frameId ??= (await frames(dc))[0].id;
  const { scopes } = (await dc.scopesRequest({ frameId })).body;
  const ref = scopes.find((s) => s.name === name).variablesReference;
  const { variables } = (await dc.variablesRequest({ variablesReference: ref })).body;
  return { ref, variables, values: Object.fromEntries(variables.map((v) => [v.name, v.value])) };
}
const evaluate = async (dc, expression, context = "watch", frameId = undefined) => (await dc.evaluateRequest({ expression, context, frameId })).body.result;

test("the client's own sequences", async (t) => {
  const dc = await connect(t);
  await dc.hitBreakpoint(buy, { path: purchase, line: at("DECRBY") });
  const ended = Promise.all([dc.waitForEvent("exited"), dc.waitForEvent("terminated"), dc.assertOutput("stdout", 'The script has returned "success"')]);
  await dc.continueRequest({ threadId: 1 });
  assert.equal((await ended)[0].body.exitCode, 0);
});

test("a run to its end", async (t) => {
  const dc = await connect(t);
  await Promise.all([dc.configurationSequence(), dc.launch(buy), dc.waitForEvent("terminated")]);
});

test("forwards and backwards, variables and keys", async (t) => {
  const dc = await connect(t);
  let stop = await launch(dc, { ...buy, stopOnEntry: true, stopAtEnd: true });
  assert.equal(stop.reason, "entry");
  assert.equal(await line(dc), at("local quantity"));
  await then(dc, dc.nextRequest({ threadId: 1 }));
  await then(dc, dc.nextRequest({ threadId: 1 }));
  assert.equal(await line(dc), at("'GET', KEYS[1]"));
  assert.deepEqual((await scope(dc, "Locals")).values, { quantity: "2", cost: "60" });
  assert.deepEqual((await scope(dc, "KEYS")).values, { "[1]": '"stock"', "[2]": '"balance"' });
  assert.deepEqual((await scope(dc, "ARGV")).values, { "[1]": '"2"', "[2]": '"30"' });
  assert.deepEqual((await scope(dc, "Keys in the database")).values, { stock: 'string "5"', balance: 'string "100"' });

  stop = await then(dc, dc.continueRequest({ threadId: 1 }));
  assert.match(stop.description, /has ended/);
  assert.deepEqual((await scope(dc, "Keys in the database", 0)).values, { stock: 'string "3"', balance: 'string "40"' });
  await then(dc, dc.stepBackRequest({ threadId: 1 }));
  assert.equal(await line(dc), at("return {ok"));
  await then(dc, dc.stepBackRequest({ threadId: 1 }));
  assert.equal(await line(dc), at("'DECRBY', KEYS[2]"));
  assert.equal(await evaluate(dc, "redis.call('GET', KEYS[2])"), '"100"', "it has not been reduced yet");
  await assert.rejects(dc.evaluateRequest({ expression: "redis.call('SET', KEYS[2], 1)", context: "hover" }), /read-only/);

  const locals = await scope(dc, "Locals");
  const set = await dc.setVariableRequest({ variablesReference: locals.ref, name: "cost", value: "50 + 1" });
  assert.equal(set.body.value, "51");
  await assert.rejects(dc.setVariableRequest({ variablesReference: locals.ref, name: "none", value: "1" }), /cannot be set/);
  await assert.rejects(dc.setVariableRequest({ variablesReference: locals.ref, name: "cost", value: "1 +" }), /expression/);
  await then(dc, dc.reverseContinueRequest({ threadId: 1 }));
  assert.equal(await line(dc), at("local quantity"), "there is no breakpoint before");
  stop = await then(dc, dc.continueRequest({ threadId: 1 }));
  assert.deepEqual((await scope(dc, "Keys in the database", 0)).values, { stock: 'string "3"', balance: 'string "49"' }, "the change is repeated");
  const ended = dc.waitForEvent("terminated");
  await dc.continueRequest({ threadId: 1 });
  await ended;
});

test("breakpoints of all kinds", async (t) => {
  const dc = await connect(t);
  const program = write("points.lua", `local function add(sum, n)

  return sum + n
end
local sum = 0
for i = 1, 5 do
  sum = add(sum, i)
end
redis.call('SET', KEYS[1], sum)
redis.call('SET', 'other', sum)
redis.call('INCR', KEYS[1])
local ok = pcall(error, 'caught')
local t = {list = {1, 2}, [true] = 'yes'}
redis.call('LPUSH', KEYS[1], 'x')`);
  const said = [];
  dc.on("output", (e) => said.push(e.body.output));
  const source = { path: program };
  let found;
  let stop = await launch(dc, { program, keys: ["k"] }, async () => {
    found = (await dc.setBreakpointsRequest({ source, breakpoints: [{ line: 2, condition: "n > 2", hitCondition: "2" }, { line: 7, logMessage: "i is {i}, sum {sum}" }, { line: 99 }, { line: 5, condition: "1 +" }] })).body.breakpoints;
  });
  assert.deepEqual(found.map((b) => [b.verified, b.line]), [[true, 3], [true, 7], [false, 99], [false, 5]]);
  assert.match(found[0].message, /moved/);
  assert.match(found[2].message, /no code is at or after line 99/);
  assert.equal(stop.reason, "breakpoint");
  assert.deepEqual(stop.hitBreakpointIds, [found[0].id]);
  assert.deepEqual((await frames(dc)).map((f) => [f.name, f.line]), [["add", 3], ["(script)", 7]]);
  assert.equal(await evaluate(dc, "n"), "4");
  const outer = (await frames(dc))[1].id;
  assert.deepEqual((await scope(dc, "Locals", outer)).values, { add: "function", sum: "6", i: "4" });
  await then(dc, dc.stepOutRequest({ threadId: 1 }));
  assert.equal(await line(dc), 7);

  const other = (await dc.setBreakpointsRequest({ source: { path: purchase }, breakpoints: [{ line: 1 }] })).body.breakpoints;
  assert.match(other[0].message, /not the program/);
  await dc.setBreakpointsRequest({ source, breakpoints: [] });
  const keys = await scope(dc, "KEYS");
  const info = (await dc.dataBreakpointInfoRequest({ variablesReference: keys.ref, name: "[1]" })).body;
  assert.equal(info.dataId, "k");
  const locals = await scope(dc, "Locals");
  assert.equal((await dc.dataBreakpointInfoRequest({ variablesReference: locals.ref, name: "sum" })).body.dataId, null);
  await dc.setDataBreakpointsRequest({ breakpoints: [{ dataId: info.dataId, accessType: "write" }] });
  stop = await then(dc, dc.continueRequest({ threadId: 1 }));
  assert.equal(stop.reason, "data breakpoint");
  assert.equal(stop.description, 'SET k 15 → "OK"');
  stop = await then(dc, dc.continueRequest({ threadId: 1 }));
  assert.equal(stop.description, "INCR k → 16");
  await then(dc, dc.reverseContinueRequest({ threadId: 1 }));
  assert.equal(await line(dc), 9);
  await dc.setDataBreakpointsRequest({ breakpoints: [] });
  const bad = (await dc.setFunctionBreakpointsRequest({ breakpoints: [{ name: "add" }, { name: "none" }] })).body.breakpoints;
  assert.deepEqual(bad.map((b) => b.verified), [true, false]);
  stop = await then(dc, dc.reverseContinueRequest({ threadId: 1 }));
  assert.equal(await evaluate(dc, "n"), "5");
  await dc.setFunctionBreakpointsRequest({ breakpoints: [] });

  await dc.setExceptionBreakpointsRequest({ filters: ["caught", "uncaught"] });
  stop = await then(dc, dc.continueRequest({ threadId: 1 }));
  assert.equal(stop.reason, "exception");
  assert.equal((await dc.exceptionInfoRequest({ threadId: 1 })).body.description, "caught");
  await dc.setExceptionBreakpointsRequest({ filters: ["uncaught"] });
  stop = await then(dc, dc.continueRequest({ threadId: 1 }));
  const error = (await dc.exceptionInfoRequest({ threadId: 1 })).body;
  assert.match(error.description, /^WRONGTYPE/);
  assert.match(error.details.stackTrace, /points.lua:14/);

  const table = (await scope(dc, "Locals")).variables.find((v) => v.name === "t");
  assert.equal(table.value, '{[true] = "yes", list = {1, 2}}');
  const fields = (await dc.variablesRequest({ variablesReference: table.variablesReference })).body.variables;
  const list = fields.find((v) => v.name === "list");
  assert.equal((await dc.setVariableRequest({ variablesReference: list.variablesReference, name: "[2]", value: '{"new"}' })).body.value, '{"new"}');
  assert.equal(await evaluate(dc, "t.list[2][1]"), '"new"');
  await dc.evaluateRequest({ expression: "t.list = nil", context: "repl" });
  assert.equal(await evaluate(dc, "t"), '{[true] = "yes"}');
  assert.deepEqual(said.filter((s) => s.startsWith("i is")).slice(0, 4), ["i is 1, sum 0\n", "i is 2, sum 1\n", "i is 3, sum 3\n", "i is 4, sum 6\n"]);

  const exited = dc.waitForEvent("exited");
  await dc.continueRequest({ threadId: 1 });
  assert.equal((await exited).body.exitCode, 1);
});

test("functions, coroutines, and an endless script", async (t) => {
  const dc = await connect(t);
  const program = write("library.lua", `#!lua name=l
redis.register_function('f', function(keys, args)
  local co = coroutine.wrap(function()
    coroutine.yield(1)
  end)
  co()
  redis.breakpoint()
  local n = 0
  while true do n = n + 1 end
end)`);
  let stop = await launch(dc, { program, function: "f", keys: ["k"], args: ["a"] });
  assert.equal(stop.reason, "breakpoint");
  assert.equal(await line(dc), 8);
  const { threads } = (await dc.threadsRequest()).body;
  assert.equal(threads[1].name, "coroutine 1 (suspended)");
  assert.equal(await line(dc, threads[1].id), 4);
  assert.deepEqual((await scope(dc, "Locals")).values, { keys: '{"k"}', args: '{"a"}', co: "function" });

  await dc.continueRequest({ threadId: 1 });
  await assert.rejects(dc.evaluateRequest({ expression: "1" }), /pause it first/);
  await dc.setBreakpointsRequest({ source: { path: program }, breakpoints: [{ line: 9, condition: "n == 100000000" }] });
  stop = await then(dc, dc.pauseRequest({ threadId: 1 }));
  assert.equal(stop.reason, "pause");
  assert.equal(await line(dc), 9);
  const n = Number(await evaluate(dc, "n"));
  await then(dc, dc.stepBackRequest({ threadId: 1 }));
  assert.equal(Number(await evaluate(dc, "n")), n - 1);

  const restarted = dc.waitForEvent("stopped");
  await dc.setBreakpointsRequest({ source: { path: program }, breakpoints: [] });
  writeFileSync(program, "#!lua name=l\nredis.register_function('f', function() redis.breakpoint() return 'new' end)");
  await dc.restartRequest({});
  assert.equal((await restarted).body.reason, "breakpoint");
  assert.equal(await line(dc), 2);
  await Promise.all([dc.waitForEvent("terminated"), dc.assertOutput("stdout", 'The script has returned "new"'), dc.continueRequest({ threadId: 1 })]);
});

test("a launch that fails", async (t) => {
  for (const [args, want] of [
    [{}, /needs the field program/],
    [{ program: join(dir, "none.lua") }, /none.lua/],
    [{ program: write("bad.lua", "return 1 +") }, /Error compiling script/],
    [{ program: purchase, keys: "stock" }, /lists of strings/],
    [{ program: purchase, keep: true }, /needs data/],
    [{ program: purchase, seed: join(dir, "none.txt") }, /--seed/],
  ]) {
    const dc = await connect(t);
    await dc.initializeRequest();
    await assert.rejects(dc.launchRequest(args), want);
    await assert.rejects(dc.stackTraceRequest({ threadId: 1 }), /launch a program first/);
  }
});

test("standard input and output", async (t) => {
  const wrapper = write("adapter.sh", `exec "${process.env.REDIS_REST}" debug --dap\n`);
  chmodSync(wrapper, 0o755);
  const dc = new DebugClient("sh", wrapper, "redis-lua");
  dc.defaultTimeout = 10_000;
  await dc.start();
  t.after(() => dc.stop());
  await dc.hitBreakpoint({ ...buy, args: ["200", "1"] }, { path: purchase, line: at("{err = 'insufficient_stock") });
});
