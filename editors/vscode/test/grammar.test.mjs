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

/** The scope of a part of one line, without the language's own ending. */
function scopeOf(line, part) {
  const start = line.indexOf(part);
  assert.ok(start >= 0, part);
  const over = scopesOver(painted(line), start, start + part.length);
  return [...new Set(over.map((piece) => piece.scopes.at(-1).replace(/\.contract$/, "")))].join(" | ");
}

for (const [line, part, scope] of [
  ["party client", "client", "entity.name.type.party"],
  ["当事人 「甲方 一」", "「甲方 一」", "entity.name.type.party"],
  ["fact fee : party daily", "daily", "support.constant.time"],
  ["obligation pay_fee {", "pay_fee", "entity.name.function"],
  ["参数 服务费 : 金额 = 8_000元", "服务费", "entity.name.variable"],
  ["参数 服务费 : 金额 = 8_000元", "金额", "support.type"],
  ["参数 服务费 ： 金额 ＝ ８_０００元", "８_０００元", "constant.numeric.money"],
  ["let x = fee.due", "due", "variable.other.member"],
  ["{ due: 5 }", "due", "variable.other.property"],
  ["  otherwise: 5", "otherwise", "keyword.control.logic"],
  ["  text = 3", "text", "variable.other"],
  ['text "due # must"', "due # must", "string.quoted.double"],
  ["原文 “到期日 # 应当”", "到期日 # 应当", "string.quoted.double"],
  ["x # due must", "# due must", "comment.line.number-sign"],
  ["x ＃ 到期日", "＃ 到期日", "comment.line.number-sign"],
  ["到期日 次月第10日内", "次月", "support.constant.time"],
  ["到期日 次月第10日内", "第", "keyword.other.particle"],
  ["到期日 次月第10日内", "10", "constant.numeric"],
  ["到期日 次月第10日内", "日内", "keyword.other.unit | keyword.other.particle"],
  ["服务费到期日 = 5", "服务费到期日", "variable.other"],
  ["pay_fee due_day", "due_day", "variable.other"],
  ["terms", "terms", "variable.other"],
  ["term start", "term start", "support.constant.time"],
  ["interest 万分之五/日 单利", "万分之五", "constant.numeric.share"],
  ["interest 万分之五/日 单利", "/日", "keyword.other.unit"],
  ["interest 万分之五/日 单利", "单利", "constant.language.term"],
  ["rounding half_up to 0.01", "half_up", "constant.language.term"],
  ["构成违约 严重违约", "严重违约", "constant.language.term"],
  ["预期 2026-01 的 支付服务费 已履行", "已履行", "constant.language.status"],
  ["预期 2026-01 的 支付服务费 已履行", "2026-01", "constant.numeric.date"],
  ["when pay_fee is breached", "breached", "constant.language.term"],
  ["rounded(fee, 0.01)", "rounded", "support.function.builtin"],
  ["rounded = 1", "rounded", "variable.other"],
  ["CNY 8_000", "CNY", "keyword.other.unit.currency"],
  ["7Q1", "7", "constant.numeric"],
]) {
  test(`${part} in \`${line}\``, () => assert.equal(scopeOf(line, part), scope));
}

test("a text that is not closed goes on over lines and stops where it is closed", () => {
  const text = 'text "one\ntwo" due';
  const pieces = painted(text);
  assert.ok(scopesOver(pieces, text.indexOf("two"), text.indexOf("two") + 3).every((piece) => has(piece, ["string.quoted"])));
  assert.ok(scopesOver(pieces, text.indexOf("due"), text.length).every((piece) => has(piece, ["keyword.other.item"])));
});
