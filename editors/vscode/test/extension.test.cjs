// The extension in a stub of the editor, with a language server that writes down what it is asked.
const assert = require("node:assert/strict");
const { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { afterEach, beforeEach, test } = require("node:test");

const SERVER = `#!${process.execPath}
const { appendFileSync } = require("node:fs");
let held = Buffer.alloc(0);
function answer(id, result) {
  const body = JSON.stringify({ jsonrpc: "2.0", id, result });
  process.stdout.write("Content-Length: " + Buffer.byteLength(body) + "\\r\\n\\r\\n" + body);
}
process.stdin.on("data", (chunk) => {
  held = Buffer.concat([held, chunk]);
  for (;;) {
    const head = held.indexOf("\\r\\n\\r\\n");
    if (head < 0) return;
    const size = Number(/Content-Length: (\\d+)/.exec(held.subarray(0, head))[1]);
    if (held.length < head + 4 + size) return;
    const message = JSON.parse(held.subarray(head + 4, head + 4 + size));
    held = held.subarray(head + 4 + size);
    appendFileSync(process.env.HEARD, JSON.stringify({ args: process.argv.slice(2), ...message }) + "\\n");
    if (message.method === "initialize") {
      answer(message.id, { capabilities: { executeCommandProvider: { commands: ["clausal.runScenario"] } } });
    } else if (message.id !== undefined) {
      answer(message.id, null);
    }
    if (message.method === "exit") process.exit(0);
  }
});
`;

class EventEmitter {
  #heard = [];
  event = (run) => (this.#heard.push(run), { dispose() {} });
  fire(said) {
    for (const run of this.#heard) run(said);
  }
  dispose() {}
}

function kind(value) {
  return { value, append: (part) => kind(value ? `${value}.${part}` : part) };
}

/** Something that may be called, made, awaited or disposed of, whatever it is asked for. */
function anything() {
  class Thing {}
  return new Proxy(Thing, {
    get: (target, key) => {
      if (key === "then" || key === Symbol.iterator || key === "prototype") return key === "prototype" ? target.prototype : undefined;
      if (!(key in target)) target[key] = anything();
      return target[key];
    },
    apply: () => ({ dispose() {} }),
  });
}

function editor(folder, settings) {
  const stub = { commands: new Map(), told: [], lines: [], chosen: undefined, clipboard: "", changed: [] };
  const disposable = { dispose() {} };
  const event = () => disposable;
  const given = {
    workspace: {
      workspaceFolders: [{ uri: { scheme: "file", fsPath: folder, toString: () => `file://${folder}` }, name: "w", index: 0 }],
      isTrusted: true,
      textDocuments: [],
      notebookDocuments: [],
      getConfiguration: () => ({ get: (key, otherwise) => settings[key] ?? otherwise }),
      onDidChangeConfiguration: (heard) => (stub.changed.push(heard), disposable),
      createFileSystemWatcher: () => ({ onDidCreate: event, onDidChange: event, onDidDelete: event, dispose() {} }),
    },
    window: {
      createOutputChannel: () =>
        new Proxy({ name: "Clausal", onDidChangeLogLevel: event }, {
          get: (target, key) => target[key] ?? ((...said) => void stub.lines.push(said.join(" "))),
        }),
      showErrorMessage: async (message, ...choices) => (stub.told.push([message, ...choices]), choices[stub.chosen]),
      visibleTextEditors: [],
      tabGroups: { all: [], onDidChangeTabs: event, onDidChangeTabGroups: event },
    },
    commands: {
      registerCommand: (name, run) => {
        assert.ok(!stub.commands.has(name), `${name} is registered twice`);
        stub.commands.set(name, run);
        return { dispose: () => stub.commands.delete(name) };
      },
      executeCommand: async () => undefined,
    },
    env: { clipboard: { writeText: async (text) => void (stub.clipboard = text) }, language: "en", appName: "stub", uriScheme: "stub" },
    l10n: { t: (message, ...words) => message.replace(/\{(\d)\}/g, (_, at) => words[Number(at)]) },
    EventEmitter,
    Disposable: class {
      static from = () => disposable;
      dispose() {}
    },
    CodeActionKind: { Empty: kind(""), QuickFix: kind("quickfix"), Refactor: kind("refactor"), Source: kind("source") },
    version: "1.91.0",
  };
  const filled = (part) =>
    new Proxy(part, {
      get: (target, key) => {
        if (!(key in target)) target[key] = String(key).startsWith("onDid") || String(key).startsWith("onWill") ? event : anything();
        return target[key];
      },
    });
  const whole = Object.fromEntries(Object.entries(given).map(([key, part]) => [key, typeof part === "object" ? filled(part) : part]));
  stub.vscode = new Proxy(whole, { get: (target, key) => (key in target ? target[key] : (target[key] = anything())) });
  return stub;
}

/** The extension, loaded anew with this editor in place of the real one. */
function extension(stub) {
  const load = Module._load;
  Module._load = (name, ...rest) => (name === "vscode" ? stub.vscode : load(name, ...rest));
  try {
    const path = require.resolve("../out/extension.js");
    delete require.cache[path];
    return require(path);
  } finally {
    Module._load = load;
  }
}

let folder;
let path;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "clausal-"));
  path = process.env.PATH;
  process.env.HEARD = join(folder, "heard");
});

afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

function heard() {
  const file = process.env.HEARD;
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line)) : [];
}

function install() {
  mkdirSync(join(folder, ".venv", "bin"), { recursive: true });
  const program = join(folder, ".venv", "bin", "contract");
  writeFileSync(program, SERVER);
  chmodSync(program, 0o755);
}

test("where the program is missing, the install line is said and can be copied", async () => {
  process.env.PATH = join(folder, "empty");
  const stub = editor(folder, {});
  stub.chosen = 0;
  const { activate, deactivate } = extension(stub);
  await activate({ subscriptions: [] });
  await new Promise(setImmediate);
  assert.equal(stub.told.length, 1);
  assert.match(stub.told[0][0], /pip install "clausal\[lsp\]"/);
  assert.equal(stub.clipboard, 'pip install "clausal[lsp]"');
  await deactivate();
});

test("the server of the workspace is started with the settings, and runs a scenario", { timeout: 20_000 }, async () => {
  install();
  const stub = editor(folder, { language: "zh", inlayHints: false, facts: "data" });
  const { activate, deactivate } = extension(stub);
  await activate({ subscriptions: [] });
  assert.deepEqual(stub.told, []);
  const [first] = heard();
  assert.equal(first.method, "initialize");
  assert.deepEqual(first.args, ["lsp"]);
  assert.deepEqual(first.params.initializationOptions, { language: "zh", inlayHints: false, facts: "data" });
  await stub.commands.get("clausal.runScenario")("file:///w/terms.contract", "S1");
  const asked = heard().find((message) => message.method === "workspace/executeCommand");
  assert.deepEqual(asked.params, { command: "clausal.runScenario", arguments: ["file:///w/terms.contract", "S1"] });
  await deactivate();
  assert.ok(heard().some((message) => message.method === "shutdown"));
});

test("a change of the settings starts it again with the new ones", { timeout: 20_000 }, async () => {
  install();
  const settings = { language: "zh" };
  const stub = editor(folder, settings);
  const { activate, deactivate } = extension(stub);
  await activate({ subscriptions: [] });
  settings.language = "en";
  await stub.changed.at(0)({ affectsConfiguration: (section) => section === "clausal" });
  const starts = heard().filter((message) => message.method === "initialize");
  assert.deepEqual(starts.map((message) => message.params.initializationOptions.language), ["zh", "en"]);
  await deactivate();
});

test("a server that ends at once is told with the install line", { timeout: 20_000 }, async () => {
  install();
  writeFileSync(join(folder, ".venv", "bin", "contract"), "#!/bin/sh\nexit 2\n");
  const stub = editor(folder, {});
  const { activate, deactivate } = extension(stub);
  await activate({ subscriptions: [] });
  assert.ok(stub.told.some(([message]) => message.includes("pip install")));
  await deactivate();
});

test("the real server is started", { timeout: 20_000, skip: !process.env.CONTRACT && "CONTRACT names no command" }, async () => {
  const stub = editor(folder, { command: process.env.CONTRACT });
  const { activate, deactivate } = extension(stub);
  await activate({ subscriptions: [] });
  assert.deepEqual(stub.told, []);
  assert.ok(stub.commands.has("clausal.runScenario"));
  await deactivate();
});
