// The extension for Visual Studio Code, with what it needs of the editor: it starts the program REDIS_REST.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import Module, { createRequire } from "node:module";
import { test } from "node:test";

const require = createRequire(import.meta.url);

class Position { constructor(line, character) { Object.assign(this, { line, character }); } }
class Range { constructor(start, end) { Object.assign(this, { start, end }); } }
class Diagnostic { constructor(range, message, severity) { Object.assign(this, { range, message, severity }); } }

const found = new Map();
const on = {};
let changed = () => {};
const registered = {};
const listen = (name) => (f) => { on[name] = f; return {}; };
const vscode = {
  Position, Range, Diagnostic,
  DebugAdapterExecutable: class { constructor(command, args) { Object.assign(this, { command, args }); } },
  DebugAdapterServer: class { constructor(port, host) { Object.assign(this, { port, host }); } },
  DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2 },
  languages: { createDiagnosticCollection: () => ({ set: (uri, list) => { found.set(String(uri), list); changed(); }, delete: (uri) => { found.delete(String(uri)); changed(); } }) },
  debug: { registerDebugAdapterDescriptorFactory: (type, f) => { registered[type] = f; }, registerDebugConfigurationProvider: (type, p) => { registered.provider = p; } },
  window: {},
  workspace: {
    getConfiguration: () => ({ get: (name) => ({ path: process.env.REDIS_REST, target: "7.0" })[name] }),
    onDidOpenTextDocument: listen("open"), onDidSaveTextDocument: listen("save"), onDidChangeTextDocument: listen("change"), onDidCloseTextDocument: listen("close"),
    textDocuments: [],
  },
};

function document(text) {
  const lines = text.split("\n");
  return {
    uri: "file:///s.lua", languageId: "lua", version: 1, isClosed: false, fileName: "/s.lua", getText: () => text,
    lineAt: (i) => ({ range: new Range(new Position(i, 0), new Position(i, lines[i].length)) }),
    getWordRangeAtPosition: () => undefined,
  };
}

test("the extension debugs and lints", async () => {
  const load = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? vscode : load(name, ...rest));
  const context = { subscriptions: [] };
  require("../../editors/vscode/extension.js").activate(context);
  Module._load = load;

  const manifest = require("../../editors/vscode/package.json");
  const adapter = registered[manifest.contributes.debuggers[0].type].createDebugAdapterDescriptor({ configuration: { request: "launch" } });
  const body = JSON.stringify({ seq: 1, type: "request", command: "initialize", arguments: { adapterID: "redis-lua" } });
  const ran = spawnSync(adapter.command, adapter.args, { input: `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, encoding: "utf8" });
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stdout, /"supportsStepBack":true/);

  const server = registered["redis-lua"].createDebugAdapterDescriptor({ configuration: { request: "attach", port: 4711 } });
  assert.deepEqual({ ...server }, { port: 4711, host: "127.0.0.1" });

  const next = () => new Promise((resolve) => { changed = resolve; });
  let result = next();
  on.open(document("local n = redis.call('GET', KEYS[1])\nif n == nil then return 1 end\nreturn nowhere"));
  await result;
  const list = found.get("file:///s.lua");
  assert.deepEqual(list.map((d) => [d.code, d.range.start.line, d.severity, d.source]).sort(), [["M01", 1, 1, "redis-rest"], ["R02", 2, 0, "redis-rest"]]);
  result = next();
  on.save(document("local x = vim.fn.input('other Lua')"));
  await result;
  assert.equal(found.size, 0);
  vscode.window.activeTextEditor = { document: document("") };
  assert.equal(registered.provider.resolveDebugConfiguration(undefined, {}).program, "/s.lua");
});
