#!/usr/bin/env node
// The station with simulated beds, and in front of it the development server of the screen, which shows each change as
// it is saved.
//
//   scripts/develop.cjs PROGRAM [OPTION...]
"use strict";

const { spawn } = require("node:child_process");
const path = require("node:path");
const readline = require("node:readline");
const { pathToFileURL } = require("node:url");

const [program, ...options] = process.argv.slice(2);
const ui = path.join(path.dirname(__dirname), "ui");

const named = options.some((option) => option.startsWith("--demo") || option.startsWith("--bed"));
const station = spawn(program, ["serve", ...(named ? [] : ["--demo", "4"]), "--no-lan", ...options], {
  stdio: ["ignore", "pipe", "pipe"],
});
station.on("error", (error) => {
  console.error(`${program} cannot be started: ${error.message}`);
  process.exit(1);
});
station.on("exit", (code) => process.exit(code ?? 1));
// Ctrl-C reaches both; this one ends when the station has.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => station.kill(signal));

const links = [];
let shown = null;
readline.createInterface({ input: station.stderr }).on("line", (line) => {
  const link = /http:\/\/\S+\/pair#\S+/.exec(line);
  if (link === null) console.error(line);
  else if (shown === null) links.push(link[0]);
  else shown(link[0]);
});

readline.createInterface({ input: station.stdout }).on("line", (line) => {
  const local = /^ready local=(\S+)/.exec(line);
  if (local !== null) serve(local[1]).catch((error) => {
    console.error(error);
    station.kill();
  });
});

async function serve(target) {
  const { createServer } = await import(pathToFileURL(path.join(ui, "node_modules/vite/dist/node/index.js")).href);
  // The station refuses pages of other origins. This server stands in for its own page, and says so to it.
  const behind = { target, changeOrigin: true, headers: { origin: target } };
  const server = await createServer({
    root: ui,
    server: { host: "127.0.0.1", proxy: { "/api": behind, "/ws": { ...behind, ws: true } } },
  });
  await server.listen();
  const { port } = server.httpServer.address();
  shown = (link) => console.log(`The screen: ${link.replace(/^http:\/\/[^/]+/, `http://127.0.0.1:${port}`)}`);
  links.forEach(shown);
}
