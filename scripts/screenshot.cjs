#!/usr/bin/env node
// Photographs the ward view of four simulated beds, as a browser shows it.
//
//   scripts/screenshot.cjs PROGRAM PICTURE.png
"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");

const [program, picture] = process.argv.slice(2);
if (picture === undefined) {
  console.error("usage: scripts/screenshot.cjs PROGRAM PICTURE.png");
  process.exit(2);
}

/** Long enough for the sensors to find their fingers, for an alarm to outlast its delay, and for a full sweep. */
const WATCH_S = 40;
const SIZE = { width: 1440, height: 900 };

const data = fs.mkdtempSync(path.join(os.tmpdir(), "oxiward-screenshot-"));
// A build server has no speaker, and the station would rightly say so in the middle of the picture.
const speaker = path.join(data, "asound.conf");
fs.writeFileSync(speaker, 'pcm.!default { type file; slave.pcm { type null }; file "/dev/null"; format "raw" }\n');
const started = [];

/** Starts a program; answers the first match of `pattern` in what it says. */
function start(command, options, pattern) {
  const env = { ...process.env, ALSA_CONFIG_PATH: speaker };
  const child = spawn(command, options, { env, stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  return new Promise((resolve, reject) => {
    const said = [];
    for (const stream of [child.stdout, child.stderr]) {
      readline.createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const found = pattern.exec(line);
        if (found !== null) resolve(found);
      });
    }
    child.on("error", (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
    child.on("exit", () => reject(new Error(`${command} ended by itself:\n${said.join("\n")}`)));
  });
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function main() {
  const options = ["serve", "--data", data, "--local", "127.0.0.1:0", "--no-lan", "--demo", "4"];
  const [link] = await start(program, options, /http:\/\/\S+\/pair#\S+/);
  const [, port] = await start("chromedriver", ["--port=0"], /started successfully on port (\d+)/);

  const driver = async (method, command, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${command}`, {
      method,
      ...(method === "POST" ? { body: JSON.stringify(body ?? {}) } : {}),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${command}: ${value.message}`);
    return value;
  };

  const args = ["--headless=new", "--hide-scrollbars", `--window-size=${SIZE.width},${SIZE.height}`];
  // Chromium's sandbox does not work for root, which a container often is. The only page opened is our own.
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  const { sessionId } = await driver("POST", "/session", {
    capabilities: { alwaysMatch: { browserName: "chrome", "goog:chromeOptions": { args } } },
  });
  const session = `/session/${sessionId}`;
  await driver("POST", `${session}/timeouts`, { implicit: 20_000 });
  const find = async (test) => {
    const using = { using: "css selector", value: `[data-testid="${test}"]` };
    return Object.values(await driver("POST", `${session}/element`, using))[0];
  };
  const click = async (test) => driver("POST", `${session}/element/${await find(test)}/click`);

  await driver("POST", `${session}/url`, { url: link });
  await driver("POST", `${session}/element/${await find("pair-name")}/value`, { text: "Screenshot" });
  await click("pair-submit");
  await click("gate-accept");
  console.log(`Watching four simulated beds for ${WATCH_S} s …`);
  await pause(WATCH_S * 1000);
  // An alarm flashes, and a picture of its dark half would tell less.
  const script = "for (const flash of document.getAnimations()) { flash.pause(); flash.currentTime = 0; }";
  await driver("POST", `${session}/execute/sync`, { script, args: [] });
  const png = await driver("GET", `${session}/screenshot`);
  await driver("DELETE", session);

  fs.mkdirSync(path.dirname(picture), { recursive: true });
  fs.writeFileSync(picture, Buffer.from(png, "base64"));
  console.log(`${picture} shows them.`);
}

main()
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  })
  .finally(async () => {
    for (const child of started) child.removeAllListeners("exit").kill();
    await pause(1500);
    fs.rmSync(data, { recursive: true, force: true });
    process.exit();
  });
