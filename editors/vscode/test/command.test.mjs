// Which command is started: the workspace's own before the PATH, and never a workspace's that is not trusted.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

const require = createRequire(import.meta.url);
const { findCommand, optionsOf } = require("../out/command.js");

/** Where the command is found when exactly these programs exist. */
function found(programs, place = {}) {
  const given = { wanted: "contract", folders: ["/w"], trusted: true, platform: "linux", searched: "/usr/bin:/bin", endings: "" };
  return findCommand({ ...given, ...place, isProgram: (file) => programs.includes(file) });
}

test("the one of the workspace comes before the one on the PATH", () => {
  const both = ["/usr/bin/contract", "/w/.venv/bin/contract"];
  assert.equal(found(both), "/w/.venv/bin/contract");
  assert.equal(found(["/usr/bin/contract"]), "/usr/bin/contract");
  assert.equal(found(["/w2/venv/bin/contract"], { folders: ["/w", "/w2"] }), "/w2/venv/bin/contract");
});

test("a workspace that is not trusted has no say", () => {
  const both = ["/usr/bin/contract", "/w/.venv/bin/contract"];
  assert.equal(found(both, { trusted: false }), "/usr/bin/contract");
  assert.equal(found(["/w/tools/contract"], { trusted: false, wanted: "tools/contract" }), undefined);
});

test("what is not there is not started", () => {
  assert.equal(found([]), undefined);
  assert.equal(found(["/usr/bin/contract"], { searched: "" }), undefined);
  assert.equal(found(["contract"], { searched: ".:" }), undefined); // no folder of the moment
});

test("a setting names the command itself", () => {
  assert.equal(found(["/opt/contract"], { wanted: "/opt/contract" }), "/opt/contract");
  assert.equal(found(["/w/tools/contract"], { wanted: "tools/contract" }), "/w/tools/contract");
  assert.equal(found(["/bin/contract-next"], { wanted: "contract-next" }), "/bin/contract-next");
  assert.equal(found(["/bin/contract"], { wanted: "  " }), "/bin/contract");
});

test("on Windows too", () => {
  const place = { platform: "win32", folders: ["C:\\w"], searched: "C:\\Python\\Scripts;C:\\Windows", endings: ".COM;.EXE" };
  assert.equal(found(["C:\\w\\.venv\\Scripts\\contract.exe"], place), "C:\\w\\.venv\\Scripts\\contract.exe");
  assert.equal(found(["C:\\Python\\Scripts\\contract.exe"], place), "C:\\Python\\Scripts\\contract.exe");
  assert.equal(found(["C:\\w\\tools\\contract.exe"], { ...place, wanted: "tools/contract" }), "C:\\w\\tools\\contract.exe");
});

test("settings of a wrong type are their defaults", () => {
  const options = (settings) => optionsOf((key) => settings[key]);
  assert.deepEqual(options({}), { language: "auto", inlayHints: true, facts: "" });
  assert.deepEqual(options({ language: "fr", inlayHints: "no", facts: 3 }), { language: "auto", inlayHints: true, facts: "" });
  assert.deepEqual(options({ language: "zh", inlayHints: false, facts: " data " }), { language: "zh", inlayHints: false, facts: "data" });
});
