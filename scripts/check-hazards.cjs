#!/usr/bin/env node
// Sees that every test that the list of hazards names is there: its file, and its words where they are given.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const root = path.dirname(__dirname);
const list = path.join(root, "docs/design/hazards.md");
const read = (file) => fs.readFileSync(path.join(root, file), "utf8");
const files = (folder) =>
  fs.existsSync(path.join(root, folder))
    ? fs.readdirSync(path.join(root, folder), { recursive: true }).map((file) => path.join(folder, String(file)))
    : [];

/** The places where a name of the list may stand. */
const places = (name) => [
  name,
  path.join("src-tauri", name),
  path.join("src-tauri", name.replace(/^alarm\//, "alarm/tests/alarms/")),
  path.join("src-tauri", name.replace("/", "/tests/")),
];

/** As it is compared: a test's name has underlines where its words have spaces. */
const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();

const checks = [...files("tests/behaviour"), "src-tauri/alarm/tests/alarms/acceptance.rs"]
  .filter((file) => file.endsWith(".rs"))
  .map(read)
  .join("\n");
const sources = ["src-tauri", "tests", "ui/src"]
  .flatMap(files)
  .filter((file) => /\.(rs|ts)$/.test(file) && !file.includes("node_modules"))
  .map((file) => plain(read(file)))
  .join("\n");

const wrong = [];
for (const row of fs.readFileSync(list, "utf8").split("\n")) {
  if (!row.startsWith("| ")) continue;
  const tests = row.split(" | ").at(-1);
  for (const [, name] of tests.matchAll(/`([^`]+\.(?:rs|ts))`/g)) {
    const there = name.includes("*") || places(name).some((place) => fs.existsSync(path.join(root, place)));
    if (!there) wrong.push(`There is no ${name}.`);
  }
  for (const [, words] of tests.matchAll(/\*([^*`]{12,})\*/g)) {
    const parts = words.split("…").map(plain).filter((part) => part !== "");
    for (const part of parts) if (!sources.includes(part)) wrong.push(`No test says "${part}".`);
  }
  for (const [, numbers] of tests.matchAll(/checks? ((?:\d\d(?:, | and )?)+)/g)) {
    for (const [number] of numbers.matchAll(/\d\d/g)) {
      if (!checks.includes(`fn check_${number}_`)) wrong.push(`There is no check ${number}.`);
    }
  }
}
for (const sentence of wrong) console.error(`docs/design/hazards.md: ${sentence}`);
process.exit(wrong.length === 0 ? 0 : 1);
