// The grammar under the engine that VS Code colours with, held against the words as the language itself cuts them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { Registry, INITIAL, parseRawGrammar } = require("vscode-textmate");
const oniguruma = require("vscode-oniguruma");

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..", "..");
const python = process.env.PYTHON ?? "python3";

// Scopes that a keyword may have, by its kind.
const SCOPES = {
  declaration: ["storage.type.declaration"],
  modal: ["keyword.control.modal"],
  logic: ["keyword.control.logic"],
  function: ["support.function.aggregate"],
  constant: ["constant.language"],
  status: ["constant.language.status"],
  unit: ["keyword.other.unit"],
  time: ["support.constant.time"],
  particle: ["keyword.other.particle"],
  item: ["keyword.other.item"],
};
const VALUES = {
  STRING: ["string.quoted"],
  COMMENT: ["comment.line"],
  NUMBER: ["constant.numeric"],
  POINTS: ["constant.numeric.share"],
  PERCENT: ["constant.numeric.share"],
  MONEY: ["constant.numeric.money", "keyword.other.unit.currency"],
  DATE: ["constant.numeric.date"],
  MOMENT: ["constant.numeric.date"],
  MONTH: ["constant.numeric.date"],
  QUARTER: ["constant.numeric.date"],
  WEEK: ["constant.numeric.date"],
};
const KEYWORD = Object.values(SCOPES).flat().filter((scope) => !scope.startsWith("constant") && !scope.endsWith(".unit"));

let grammar;

before(async () => {
  await oniguruma.loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")));
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => {
      const path = join(here, "..", "syntaxes", "contract.tmLanguage.json");
      return parseRawGrammar(readFileSync(path, "utf8"), path);
    },
  });
  grammar = await registry.loadGrammar("source.contract");
});

/** Each line of a text with its begin and the pieces that the grammar makes of it. */
function painted(text) {
  let stack = INITIAL;
  let at = 0;
  const pieces = [];
  for (const line of text.split("\n")) {
    const plain = line.replace(/\r$/, "");
    const result = grammar.tokenizeLine(plain, stack);
    stack = result.ruleStack;
    for (const piece of result.tokens) {
      pieces.push({ start: at + piece.startIndex, end: at + Math.min(piece.endIndex, plain.length), scopes: piece.scopes });
    }
    at += line.length + 1;
  }
  return pieces;
}

function scopesOver(pieces, start, end) {
  return pieces.filter((piece) => piece.start < end && piece.end > start);
}

function has(piece, scopes) {
  return piece.scopes.some((scope) => scopes.some((wanted) => scope.startsWith(wanted)));
}

function contractsBelow(folder) {
  return readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".contract")).map((name) => join(folder, name)).sort();
}

function wordsOf(files) {
  const script = join(root, "editors", "generate.py");
  return JSON.parse(execFileSync(python, [script, "--words", ...files], { encoding: "utf8", maxBuffer: 1 << 28 }));
}

/** What the grammar paints otherwise than the language reads it. */
function differences(file, words) {
  const text = readFileSync(file, "utf8").replace(/^\ufeff/, " ");
  const pieces = painted(text);
  const found = [];
  for (const word of words) {
    const said = text.slice(word.start, word.end);
    if (/[\r\n]/.test(said) && word.kind) continue; // a phrase over two lines: a line at a time can't see it
    if (word.declared) continue; // only its declaration says that it is a name
    const wanted = word.kind ? SCOPES[word.kind] : VALUES[word.type];
    for (const piece of scopesOver(pieces, word.start, word.end)) {
      const part = text.slice(Math.max(piece.start, word.start), Math.min(piece.end, word.end));
      if (!part.trim()) continue;
      const right = wanted === undefined ? word.type !== "NAME" || !has(piece, KEYWORD) : has(piece, wanted);
      if (!right) {
        const line = text.slice(0, word.start).split("\n").length;
        found.push(`${relative(root, file)}:${line}: ${word.type} ${JSON.stringify(said)} is ${piece.scopes.slice(1).join(" ") || "unscoped"}`);
      }
    }
  }
  return found;
}

test("every word of the shipped contracts is painted as what it is", () => {
  const files = contractsBelow(join(root, "contracts"));
  const words = wordsOf(files);
  assert.ok(files.length >= 7 && Object.values(words).flat().length > 10_000);
  assert.deepEqual(files.flatMap((file) => differences(file, words[file])), []);
});

test("every word of the conformance suite is painted as what it is", () => {
  const files = contractsBelow(join(root, "tests", "conformance"));
  const words = wordsOf(files);
  assert.deepEqual(files.flatMap((file) => differences(file, words[file])), []);
});
