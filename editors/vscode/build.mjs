// Bundles the extension into out/, with the project's licence and those of the packages that are bundled with it.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const production = process.argv.includes("--production");
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

mkdirSync(here("out"), { recursive: true });
copyFileSync(here("../../LICENSE"), here("LICENSE"));
const { metafile } = await build({
  // command.js is in extension.js too; by itself it is for the tests
  entryPoints: production ? [here("src/extension.ts")] : [here("src/extension.ts"), here("src/command.ts")],
  outdir: here("out"),
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  minify: production,
  sourcemap: !production,
  metafile: true,
  absWorkingDir: here("."),
  logLevel: "warning",
});

const packages = new Set();
for (const input of Object.keys(metafile.inputs)) {
  const found = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
  if (found) packages.add(found[0]);
}
const notices = [...packages].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(here("."), folder, "package.json"), "utf8"));
  const file = readdirSync(join(here("."), folder)).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name} has no licence beside it`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(here("."), folder, file), "utf8").trim()}\n`;
});
writeFileSync(here("out/NOTICES.txt"), notices.join(`\n${"-".repeat(78)}\n\n`));
