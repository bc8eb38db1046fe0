// Bundles the extension into out/, beside a copy of the project's licence.
import { copyFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const production = process.argv.includes("--production");
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

mkdirSync(here("out"), { recursive: true });
copyFileSync(here("../../LICENSE"), here("LICENSE"));
await build({
  // command.js is in extension.js too; by itself it is for the tests
  entryPoints: production ? [here("src/extension.ts")] : [here("src/extension.ts"), here("src/command.ts")],
  outdir: here("out"),
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node18",
  external: ["vscode"],
  minify: production,
  sourcemap: !production,
  legalComments: "eof",
  logLevel: "warning",
});
