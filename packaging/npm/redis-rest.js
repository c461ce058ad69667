#!/usr/bin/env node
// Runs the program of this platform, which is in a package of its own.
"use strict";
const { spawn } = require("node:child_process");
const { constants } = require("node:os");

const name = `@redis-rest/cli-${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${name}/redis-rest${process.platform === "win32" ? ".exe" : ""}`);
} catch {
  console.error(`redis-rest: the package ${name} is missing. Either there is none for this platform, or npm left out optional dependencies: npm install --include=optional`);
  process.exit(1);
}

const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
// A terminal sends Ctrl-C to both. Other signals come to this process alone.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (err) => {
  console.error(`redis-rest: ${err.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
