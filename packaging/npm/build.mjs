// Makes the npm packages of a release, from what goreleaser built:
//
//	node packaging/npm/build.mjs dist out
//	for package in out/*; do npm publish --access public "./$package"; done
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [dist, out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node build.mjs DIST OUT");
  process.exit(1);
}
const here = dirname(fileURLToPath(import.meta.url));
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const { version } = read(join(dist, "metadata.json"));
const license = join(here, "../../LICENSE");

const main = { ...read(join(here, "package.json")), version, optionalDependencies: {} };
const made = (dir, manifest) => {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "package.json"), JSON.stringify(manifest, null, 2) + "\n");
  copyFileSync(license, join(dir, "LICENSE"));
};

// What Go calls a platform, and what node calls it.
const systems = { linux: "linux", darwin: "darwin", windows: "win32" };
const processors = { amd64: "x64", arm64: "arm64" };

for (const { type, path, goos, goarch } of read(join(dist, "artifacts.json"))) {
  if (type !== "Binary") continue;
  const os = systems[goos], cpu = processors[goarch];
  if (!os || !cpu) throw new Error(`no name for ${goos} on ${goarch}`);
  const name = `${main.name}-${os}-${cpu}`;
  const dir = join(out, `cli-${os}-${cpu}`);
  const file = os === "win32" ? "redis-rest.exe" : "redis-rest";
  const { description, license, repository, homepage } = main;
  made(dir, { name, version, description: `${description}, for ${os} on ${cpu}`, license, repository, homepage, os: [os], cpu: [cpu], files: [file], preferUnplugged: true });
  copyFileSync(path, join(dir, file));
  chmodSync(join(dir, file), 0o755);
  main.optionalDependencies[name] = version;
}
if (Object.keys(main.optionalDependencies).length === 0) throw new Error(`${dist} has no program`);
const dir = join(out, "cli");
made(dir, main);
copyFileSync(join(here, "redis-rest.js"), join(dir, "redis-rest.js"));
