// Which command is started as language server, and what it is told at the start. Knows nothing of the editor.
import * as path from "node:path";

export const INSTALL = 'pip install "clausal[lsp]"';
export const DEFAULT = "contract";

/** What the choice of the command rests on. */
export interface Place {
  /** The setting `clausal.command`. */
  readonly wanted: string;
  /** The workspace folders on disk, first to last. */
  readonly folders: readonly string[];
  /** Whether programs of the workspace may be run. */
  readonly trusted: boolean;
  readonly platform: NodeJS.Platform;
  /** The environment's PATH. */
  readonly searched: string;
  /** The environment's PATHEXT, which only Windows has. */
  readonly endings: string;
  readonly isProgram: (file: string) => boolean;
}

/** The program to start, or undefined where there is none. */
export function findCommand(place: Place): string | undefined {
  const wanted = place.wanted.trim() || DEFAULT;
  const paths = place.platform === "win32" ? path.win32 : path.posix;
  if (wanted === DEFAULT) {
    return first(place, [...besideWorkspace(place, paths), ...onPath(place, wanted, paths)]);
  }
  if (paths.isAbsolute(wanted)) {
    return first(place, spelled(place, wanted));
  }
  if (wanted.includes("/") || wanted.includes(paths.sep)) {
    const folders = place.trusted ? place.folders : [];
    return first(place, folders.flatMap((folder) => spelled(place, paths.join(folder, wanted))));
  }
  return first(place, onPath(place, wanted, paths));
}

function first(place: Place, files: readonly string[]): string | undefined {
  return files.find(place.isProgram);
}

function besideWorkspace(place: Place, paths: path.PlatformPath): string[] {
  if (!place.trusted) {
    return [];
  }
  const inside = place.platform === "win32" ? ["Scripts", "contract.exe"] : ["bin", "contract"];
  return place.folders.flatMap((folder) => [".venv", "venv"].map((name) => paths.join(folder, name, ...inside)));
}

function onPath(place: Place, name: string, paths: path.PlatformPath): string[] {
  const folders = place.searched.split(paths.delimiter).filter((folder) => paths.isAbsolute(folder));
  return folders.flatMap((folder) => spelled(place, paths.join(folder, name)));
}

/** On Windows a program is named without its ending. */
function spelled(place: Place, file: string): string[] {
  if (place.platform !== "win32") {
    return [file];
  }
  const endings = (place.endings || ".EXE;.CMD;.BAT").split(";").filter(Boolean);
  return [...endings.map((ending) => file + ending.toLowerCase()), file];
}

/** The settings as the server takes them. */
export interface Options {
  readonly language: string;
  readonly inlayHints: boolean;
  readonly facts: string;
}

/** The settings that the server is told at the start; what is not of the right type is its default. */
export function optionsOf(get: (key: string) => unknown): Options {
  const language = get("language");
  const hints = get("inlayHints");
  const facts = get("facts");
  return {
    language: language === "en" || language === "zh" ? language : "auto",
    inlayHints: typeof hints === "boolean" ? hints : true,
    facts: typeof facts === "string" ? facts.trim() : "",
  };
}
