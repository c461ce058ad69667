// The debugger and the diagnostics are those of the program redis-rest: see docs/workbench.md.
const { execFile } = require("node:child_process");
const vscode = require("vscode");

const setting = (name) => vscode.workspace.getConfiguration("redisRest").get(name);

function activate(context) {
  const diagnostics = vscode.languages.createDiagnosticCollection("redis-rest");
  const pending = new Map();
  const severities = {
    error: vscode.DiagnosticSeverity.Error,
    warning: vscode.DiagnosticSeverity.Warning,
    note: vscode.DiagnosticSeverity.Information,
  };

  // Other Lua, such as that of Neovim, is left alone.
  const isRedis = (document) => document.languageId === "lua" && /\bredis\.(call|pcall|register_function)\b|^#!lua\b/m.test(document.getText());

  const lint = (document) => {
    if (!isRedis(document)) return diagnostics.delete(document.uri);
    const version = document.version;
    const child = execFile(setting("path"), ["lint", "--format", "json", "--target", setting("target"), "-"], { maxBuffer: 1 << 24 }, (error, stdout) => {
      if (document.isClosed || document.version !== version) return;
      let findings;
      try {
        findings = JSON.parse(stdout);
      } catch {
        if (error) console.error(`redis-rest lint: ${error.message}`);
        return;
      }
      diagnostics.set(document.uri, findings.map((f) => {
        const start = new vscode.Position(f.line - 1, f.column - 1);
        const range = document.getWordRangeAtPosition(start) ?? new vscode.Range(start, document.lineAt(start.line).range.end);
        const d = new vscode.Diagnostic(range, f.message, severities[f.severity]);
        d.source = "redis-rest";
        d.code = f.code;
        return d;
      }));
    });
    child.stdin.on("error", () => {}); // the program is not there; execFile tells
    child.stdin.end(document.getText());
  };
  const soon = (document) => {
    clearTimeout(pending.get(document.uri.toString()));
    pending.set(document.uri.toString(), setTimeout(lint, 300, document));
  };

  context.subscriptions.push(
    diagnostics,
    vscode.debug.registerDebugAdapterDescriptorFactory("redis-lua", {
      // To attach is to connect to the port of redis-rest serve --debug-port.
      createDebugAdapterDescriptor: ({ configuration: { request, port } }) =>
        request === "attach" ? new vscode.DebugAdapterServer(port, "127.0.0.1") : new vscode.DebugAdapterExecutable(setting("path"), ["debug", "--dap"]),
    }),
    vscode.debug.registerDebugConfigurationProvider("redis-lua", {
      // F5 without a launch.json debugs the file that is shown.
      resolveDebugConfiguration(_folder, config) {
        const file = vscode.window.activeTextEditor?.document;
        if (!config.type && file?.languageId === "lua") {
          return { type: "redis-lua", request: "launch", name: "Debug this script", program: file.fileName, stopOnEntry: true, stopAtEnd: true };
        }
        return config;
      },
    }),
    vscode.workspace.onDidOpenTextDocument(lint),
    vscode.workspace.onDidSaveTextDocument(lint),
    vscode.workspace.onDidChangeTextDocument((e) => soon(e.document)),
    vscode.workspace.onDidCloseTextDocument((document) => diagnostics.delete(document.uri)),
  );
  vscode.workspace.textDocuments.forEach(lint);
}

module.exports = { activate };
