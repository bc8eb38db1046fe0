// Starts `contract lsp` for the contracts of a workspace, and says what to do where that can't be started.
import { accessSync, constants, statSync } from "node:fs";
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { findCommand, INSTALL, optionsOf } from "./command";

let client: LanguageClient | undefined;
let output: vscode.LogOutputChannel | undefined;
let turn: Promise<void> = Promise.resolve();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  output = vscode.window.createOutputChannel("Clausal", { log: true });
  context.subscriptions.push(
    output,
    vscode.commands.registerCommand("clausal.restartServer", restart),
    vscode.commands.registerCommand("clausal.showOutput", () => output?.show()),
    vscode.workspace.onDidChangeConfiguration((change) => (change.affectsConfiguration("clausal") ? restart() : undefined)),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
  );
  await restart();
}

export async function deactivate(): Promise<void> {
  turn = turn.then(stop);
  await turn;
}

/** Stops the server if it runs and starts it as the settings now are, one after the other. */
async function restart(): Promise<void> {
  turn = turn.then(stop).then(start);
  await turn;
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  try {
    await running?.dispose();
  } catch (problem) {
    output?.warn(String(problem));
  }
}

async function start(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("clausal");
  const command = findCommand({
    wanted: settings.get<string>("command", "contract"),
    folders: (vscode.workspace.workspaceFolders ?? []).filter((one) => one.uri.scheme === "file").map((one) => one.uri.fsPath),
    trusted: vscode.workspace.isTrusted,
    platform: process.platform,
    searched: process.env["PATH"] ?? "",
    endings: process.env["PATHEXT"] ?? "",
    isProgram,
  });
  if (command === undefined) {
    tell(vscode.l10n.t("The language server of contracts was not found. Install it with: {0}", INSTALL));
    return;
  }
  const server: ServerOptions = { command, args: ["lsp"] };
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: "file", language: "contract" },
      { scheme: "untitled", language: "contract" },
      // from the head of a column or a key to the fact that it gives
      { scheme: "file", pattern: "**/facts/**/*.{csv,json,yaml,yml}" },
      { scheme: "file", pattern: "**/facts.{csv,json,yaml,yml}" },
    ],
    initializationOptions: optionsOf((key) => settings.get(key)),
    synchronize: {
      fileEvents: [
        vscode.workspace.createFileSystemWatcher("**/*.contract"),
        vscode.workspace.createFileSystemWatcher("**/{facts,facts/**/*}.{csv,json,yaml,yml,xlsx}"),
      ],
    },
    connectionOptions: { maxRestartCount: 3 },
    // A failed start is told below, once and with the way out.
    initializationFailedHandler: () => false,
    ...(output === undefined ? {} : { outputChannel: output }),
  };
  output?.info(`${command} lsp`);
  const started = new LanguageClient("clausal", "Clausal", server, options);
  client = started;
  try {
    await started.start();
  } catch (problem) {
    output?.error(String(problem));
    client = undefined;
    tell(vscode.l10n.t("`{0} lsp` could not be started. If its extra is missing, install it with: {1}", command, INSTALL));
  }
}

/** A message with the install line to copy; it is not waited for. */
function tell(message: string): void {
  const copy = vscode.l10n.t("Copy the install line");
  const settings = vscode.l10n.t("Open the settings");
  const said = vscode.l10n.t("Show the output");
  void vscode.window.showErrorMessage(message, copy, settings, said).then(async (chosen) => {
    if (chosen === copy) {
      await vscode.env.clipboard.writeText(INSTALL);
    } else if (chosen === settings) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "clausal.command");
    } else if (chosen === said) {
      output?.show();
    }
  });
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, process.platform === "win32" ? constants.F_OK : constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
