#!/usr/bin/env node
// Sees that every link between the project's documents leads to a file, and to a heading where it names one.
// Links to the outside are not followed: a test must not fail because somebody else's server is down.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const root = path.dirname(__dirname);
const notOurs = new Set([".git", "node_modules", "target", "dist", "gen"]);

function* documents(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!notOurs.has(entry.name)) yield* documents(full);
    } else if (entry.name.endsWith(".md")) {
      yield full;
    }
  }
}

/** The text without what stands in code, where a bracket is no link. */
const prose = (text) => text.replace(/^(```|~~~).*?^\1/gms, "").replace(/`[^`\n]*`/g, "code");

/** The names that a forge gives to the headings of a document. */
function anchors(text) {
  const names = new Set();
  for (const [, heading] of text.replace(/^(```|~~~).*?^\1/gms, "").matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const name = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    let unique = name;
    for (let count = 1; names.has(unique); count += 1) unique = `${name}-${count}`;
    names.add(unique);
  }
  return names;
}

const wrong = [];
let links = 0;
for (const document of documents(root)) {
  const text = fs.readFileSync(document, "utf8");
  const here = path.relative(root, document);
  for (const [, target] of prose(text).matchAll(/!?\[[^\]]*\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)/g)) {
    if (/^[a-z][a-z+.-]*:/i.test(target)) continue;
    links += 1;
    const [file, anchor] = decodeURI(target).split("#");
    const full = file === "" ? document : path.resolve(path.dirname(document), file);
    if (!full.startsWith(root + path.sep)) wrong.push(`${here}: ${target} leads out of the project`);
    else if (!fs.existsSync(full)) wrong.push(`${here}: ${target} is not there`);
    else if (anchor && full.endsWith(".md") && !anchors(fs.readFileSync(full, "utf8")).has(anchor))
      wrong.push(`${here}: ${target}: there is no such heading`);
  }
}

for (const line of wrong) console.error(line);
console.log(`${links} links between documents, ${wrong.length} of them broken.`);
process.exitCode = wrong.length === 0 ? 0 : 1;
