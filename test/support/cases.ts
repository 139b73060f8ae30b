import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { ConfigBundle } from '../../src/model/bundle.ts';
import { formatDiagnostic, type Diagnostic } from '../../src/model/diagnostics.ts';
import type { ProxySettings, TranslateOptions } from '../../src/model/options.ts';
import { compareText, formatRef } from '../../src/model/refs.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { Renderer } from '../../src/render/render.ts';
import { ObjectStore } from '../../src/sources/object-store.ts';
import { readManifests } from '../../src/sources/manifests/read-manifests.ts';
import { createTranslator, type Translation, type Translator } from '../../src/translate/translate.ts';
import { OPTIONS, SETTINGS, snapshotOf } from './objects.ts';
import type { ProxyName } from '../../src/cli/proxy/proxy-kinds.ts';
import type { InstalledProxy } from './proxies.ts';

/*
 * Golden cases: test/cases/<name>/ holds input.yaml, an optional case.json, and in expected/ what sluice makes of it.
 */

/** `case.json`: what differs from a user who set no flag. */
export interface CaseFile {
  /** Why the case is there, in one sentence. */
  readonly about?: string;
  readonly options?: Partial<TranslateOptions>;
  readonly settings?: Partial<ProxySettings>;
  /** Of the nginx that the expected files are for. */
  readonly version?: string;
  /** Keep all of the main file; otherwise only how it differs from that of an empty world. */
  readonly mainFile?: boolean;
}

export interface Case {
  readonly name: string;
  readonly directory: string;
  readonly options: TranslateOptions;
  readonly settings: ProxySettings;
  readonly version: string;
  readonly mainFile: boolean;
}

/** Expected files by path below `expected/`. */
export type Golden = ReadonlyMap<string, string>;

const CASES = join(import.meta.dirname, '..', 'cases');

export function listCases(): readonly Case[] {
  const entries = readdirSync(CASES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.map((entry) => readCase(entry.name)).sort((left, right) => compareText(left.name, right.name));
}

function readCase(name: string): Case {
  const directory = join(CASES, name);
  const file = join(directory, 'case.json');
  const given = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CaseFile) : {};
  return {
    name,
    directory,
    options: { ...OPTIONS, ...given.options },
    settings: { ...SETTINGS, ...given.settings },
    version: given.version ?? '1.22.1',
    mainFile: given.mainFile ?? false,
  };
}

/** The objects of the case, read as `sluice render` reads them. */
export async function readInput({ directory }: Case): Promise<Snapshot> {
  const store = new ObjectStore(() => undefined);
  await readManifests([join(directory, 'input.yaml')], store);
  return store.snapshot();
}

/** The same world with its objects in another order: backwards, or turned by some of them. */
export function reordered(snapshot: Snapshot, order: 'backwards' | number): Snapshot {
  const objects = Object.values(snapshot.objects).flatMap((map) => [...map.values()]);
  const turned = order === 'backwards' ? objects.toReversed() : [...objects.slice(order), ...objects.slice(0, order)];
  return { ...snapshotOf(...turned), diagnostics: snapshot.diagnostics };
}

/** The case for one proxy, which decides what annotations come to. */
export function aimedAt<C extends Pick<Case, 'options'>>(item: C, name: string, version: string): C {
  const target = { name, version, modules: [], families: ['*'] };
  return { ...item, options: { ...item.options, target } };
}

export interface CaseResult {
  readonly translation: Translation;
  readonly bundle: ConfigBundle;
  /** Of translation and rendering. */
  readonly diagnostics: readonly Diagnostic[];
}

export function runCase(
  { options, settings }: Pick<Case, 'options' | 'settings'>,
  snapshot: Snapshot,
  render: Renderer,
  translate: Translator = createTranslator(),
): CaseResult {
  const translation = translate(snapshot, options);
  const rendered = render(translation.model, { ...settings, ...translation.settings });
  const diagnostics = [...translation.diagnostics, ...rendered.diagnostics];
  return { translation, bundle: rendered.bundle, diagnostics };
}

/** The file of each pack that holds everything but hosts and upstreams. */
const MAIN_FILES: Readonly<Record<ProxyName, string>> = { nginx: 'nginx.conf', haproxy: 'haproxy.cfg' };

/** What `expected/` shall hold of translation and diagnostics, which are the same for every proxy. */
export function goldenOfTranslation(item: Case, { diagnostics, translation }: CaseResult): Golden {
  const golden = new Map<string, string>();
  const lines = diagnostics.map((diagnostic) => formatDiagnostic(located(diagnostic, item.directory)));
  golden.set('diagnostics.json', toJson(lines));
  const ignored = translation.ignored.map(({ object, reason }) => `${formatRef(object)}: ${reason}`);
  if (ignored.length > 0) golden.set('ignored.json', toJson(ignored));
  return golden;
}

/** What it shall hold of the files for one proxy. Of secret files only the hash is kept. */
export function goldenOfFiles(item: Case, proxy: ProxyName, bundle: ConfigBundle, render: Renderer): Golden {
  const golden = new Map<string, string>();
  const files = [...bundle.files.values()];
  for (const { path, text, secret } of files) {
    if (!secret && path !== MAIN_FILES[proxy]) golden.set(`${proxy}/${path}`, text);
  }
  const secrets = files
    .filter(({ secret, text }) => secret && text !== '')
    .map(({ path, sha256 }) => `${path} ${sha256}`);
  if (secrets.length > 0) golden.set(`${proxy}/secret-files.json`, toJson(secrets));
  addMain(golden, item, proxy, { text: textOf(bundle, MAIN_FILES[proxy]), render });
  return golden;
}

function addMain(
  golden: Map<string, string>,
  item: Case,
  proxy: ProxyName,
  { text, render }: { readonly text: string; readonly render: Renderer },
): void {
  const main = MAIN_FILES[proxy];
  if (item.mainFile) {
    golden.set(`${proxy}/${main}`, text);
    return;
  }
  const empty = runCase({ options: OPTIONS, settings: SETTINGS }, snapshotOf(), render).bundle;
  const difference = diffLines(textOf(empty, main).split('\n'), text.split('\n'));
  if (difference.length > 0) golden.set(`${proxy}/${main}.diff`, `${difference.join('\n')}\n`);
}

function located(diagnostic: Diagnostic, directory: string): Diagnostic {
  const { location } = diagnostic;
  if (location === undefined) return diagnostic;
  return { ...diagnostic, location: { ...location, file: relative(directory, location.file) } };
}

function toJson(lines: readonly string[]): string {
  return `${JSON.stringify(lines, undefined, 2)}\n`;
}

function textOf(bundle: ConfigBundle, path: string): string {
  const file = bundle.files.get(path);
  if (file === undefined) throw new Error(`the bundle has no ${path}`);
  return file.text;
}

/** Removed and added lines, without context: a longest common subsequence of lines stays. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly string[] {
  const common = commonLengths(before, after);
  const lines: string[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    if (before[row] === after[column]) {
      [row, column] = [row + 1, column + 1];
    } else if (column === after.length || common(row + 1, column) >= common(row, column + 1)) {
      lines.push(`-${before[row] ?? ''}`);
      row += 1;
    } else {
      lines.push(`+${after[column] ?? ''}`);
      column += 1;
    }
  }
  return lines;
}

/** Number of lines that the texts have in common from line `row` of one and line `column` of the other; -1 past an end. */
function commonLengths(before: readonly string[], after: readonly string[]): (row: number, column: number) => number {
  const table: number[][] = [];
  const at = (row: number, column: number) =>
    row > before.length || column > after.length ? -1 : (table[row]?.[column] ?? 0);
  for (let row = before.length - 1; row >= 0; row -= 1) {
    const lengths: number[] = [];
    table[row] = lengths;
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const isSame = before[row] === after[column];
      lengths[column] = isSame ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  return at;
}

export function readGolden({ directory }: Case): Golden {
  const root = join(directory, 'expected');
  if (!existsSync(root)) return new Map();
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => relative(root, join(entry.parentPath, entry.name))).sort(compareText);
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** Writes what is new and removes what no case makes any more. */
export function writeGolden({ directory }: Case, golden: Golden): void {
  const root = join(directory, 'expected');
  rmSync(root, { recursive: true, force: true });
  for (const [path, text] of golden) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** Settings with which a check touches nothing outside of a directory of its own, and no port that others are likely to use. */
function settingsWithin(settings: ProxySettings, directory: string): ProxySettings {
  return {
    ...settings,
    // nginx -t binds its addresses: where the machine has no IPv6, it cannot.
    bindAddresses: settings.bindAddresses.filter((address) => !address.startsWith('[') || hasIpv6()),
    httpPort: 18480,
    httpsPort: 18443,
    runDirectory: directory,
    pidFile: join(directory, 'proxy.pid'),
    acknowledgeSocket: join(directory, 'acknowledge.sock'),
    accessLogPath: '/dev/null',
    workerConnections: 64,
  };
}

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));
}

/** What the proxy's checker complains of in the configuration of a case; empty when it has not even a warning. */
export function checkCase(
  { name, binary, version }: Pick<InstalledProxy, 'name' | 'binary' | 'version'>,
  item: Pick<Case, 'options' | 'settings'>,
  snapshot: Snapshot,
  render: Renderer,
): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-case-'));
  try {
    const within = { ...item, settings: settingsWithin(item.settings, directory) };
    const { bundle } = runCase(aimedAt(within, name, version), snapshot, render);
    for (const { path, text } of [...bundle.files.values(), ...bundle.stamp(1)]) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    const { stdout, stderr, status } = spawnSync(binary, checkArguments(name, directory), { encoding: 'utf8' });
    const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !PRAISE.test(line));
    return status === 0 ? complaints.join('\n') : `exit code ${status ?? 'none'}\n${stdout}${stderr}`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const PRAISE = /^Configuration file is valid$|^\[NOTICE\]/;

function checkArguments(name: ProxyName, directory: string): readonly string[] {
  if (name === 'nginx') return ['-t', '-q', '-e', 'stderr', '-p', directory, '-c', join(directory, 'nginx.conf')];
  const files = ['haproxy.cfg', 'users.cfg', 'backends.cfg', 'generation.cfg'];
  return ['-c', ...files.flatMap((file) => ['-f', join(directory, file)])];
}
