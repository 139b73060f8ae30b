import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nearestName } from '../../model/nearest-name.ts';
import { PackError, type PackFiles } from '../../render/pack.ts';
import { inspectUserPack, type ShippedPack, type UserPack } from '../../render/user-pack.ts';
import { readPackFiles } from '../../sources/packs/pack-files.ts';
import { readRecord, writeRecord, type PackRecord } from './pack-record.ts';
import { readShippedPack } from './packs.ts';
import type { PackRequest, Surroundings } from '../program.ts';
import { renderSample } from './sample.ts';
import { unifiedDiff } from './unified-diff.ts';

/** `sluice pack init`, `lint` and `diff`. */
export async function packCommand(request: PackRequest, { stdout }: Surroundings): Promise<number> {
  const { directory } = request;
  const record = await readRecord(directory);
  const user = { directory, files: request.action === 'init' ? new Map() : await readPackFiles(directory) };
  const shipped = await readShippedPack(request.proxy ?? record?.proxy ?? proxyOf(user.files) ?? 'nginx');
  switch (request.action) {
    case 'init':
      stdout(await init(request, shipped));
      return 0;
    case 'lint':
      return lint(shipped, user, stdout);
    case 'diff':
      return diff(shipped, record, user, stdout);
  }
}

/** The proxy that a `pack.json` names. */
function proxyOf(files: PackFiles): string | undefined {
  const [, name] = /"(?:extends|proxy)"\s*:\s*"([a-z0-9-]+)"/.exec(files.get('pack.json') ?? '') ?? [];
  return name;
}

async function init({ directory, partials }: PackRequest, { proxy, files }: ShippedPack): Promise<string> {
  const paths = partials.map((name) => shippedPath(name, files));
  await mkdir(directory, { recursive: true });
  const written: string[] = [];
  const manifest = `${JSON.stringify({ format: 1, extends: proxy }, undefined, 2)}\n`;
  const wanted = [['pack.json', manifest], ...paths.map((path) => [path, files.get(path) ?? ''])] as const;
  for (const [path = '', text = ''] of wanted) {
    if (await writeNew(join(directory, path), text)) written.push(path);
  }
  await writeRecord(directory, proxy, files);
  const lines = written.map((path) => `${directory}/${path}`);
  if (paths.length === 0) lines.push(`--partial NAME copies one to be changed: ${partialNames(files).join(', ')}`);
  return `${[...lines, `made for the ${proxy} templates of this sluice`].join('\n')}\n`;
}

function shippedPath(name: string, files: PackFiles): string {
  const found = [`partials/${name}.hbs`, name, `${name}.hbs`].find((path) => files.has(path) && path.endsWith('.hbs'));
  if (found !== undefined) return found;
  const near = nearestName(name, partialNames(files));
  throw new Error(
    `there is no partial "${name}"; ${near === undefined ? `known are ${partialNames(files).join(', ')}` : `did you mean ${near}?`}`,
  );
}

function partialNames(files: PackFiles): readonly string[] {
  return [...files.keys()].flatMap((path) => /^partials\/(.+)\.hbs$/.exec(path)?.[1] ?? []);
}

/** What is there already is the user's. */
async function writeNew(path: string, text: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

type Print = Surroundings['stdout'];

function lint(shipped: ShippedPack, user: UserPack, stdout: Print): number {
  const { files, problems } = inspectUserPack(shipped, user);
  const all = problems.length > 0 ? problems : renderSample(files, shipped.proxy, user);
  if (all.length > 0) stdout(`${new PackError(all).message}\n`);
  else stdout(`${user.directory}: ${user.files.size} files, nothing wrong\n`);
  return all.length > 0 ? 1 : 0;
}

/** @returns 1 when files that the user replaced have changed underneath */
async function diff(
  shipped: ShippedPack,
  record: PackRecord | undefined,
  user: UserPack,
  stdout: Print,
): Promise<number> {
  const paths = [...user.files.keys()].filter((path) => path.endsWith('.hbs'));
  const changed = record === undefined ? [] : changedUnder(record, shipped, paths);
  const own = await Promise.all(paths.map((path) => ownChange(path, shipped, user)));
  stdout([...(record === undefined ? [NO_RECORD] : changed), ...own].join(''));
  return changed.length > 0 ? 1 : 0;
}

const NO_RECORD = '# Not known which templates of sluice these were made for: sluice pack init records it.\n';

function changedUnder(record: PackRecord, shipped: ShippedPack, paths: readonly string[]): readonly string[] {
  const replaced = paths.map((path) => packPath(path, record.files));
  const differing = [...new Set([...record.files.keys(), ...shipped.files.keys()])].filter(
    (path) => record.files.get(path) !== shipped.files.get(path),
  );
  const under = differing.filter((path) => replaced.includes(path));
  const texts = under.map((path) =>
    unifiedDiff(
      { name: `sluice-${record.version}/${path}`, text: record.files.get(path) },
      { name: `sluice/${path}`, text: shipped.files.get(path) },
    ),
  );
  const others = differing.filter((path) => !replaced.includes(path));
  const heading = `# Changed under these templates since sluice ${record.version}:\n`;
  const rest = others.length > 0 ? [`# Also changed, but not replaced here: ${others.join(', ')}\n`] : [];
  return texts.length > 0 ? [heading, ...texts, ...rest] : [];
}

/** A partial may lie beside pack.json. */
function packPath(path: string, shipped: PackFiles): string {
  return shipped.has(path) || path.includes('/') ? path : `partials/${path}`;
}

async function ownChange(path: string, shipped: ShippedPack, { directory }: UserPack): Promise<string> {
  const target = packPath(path, shipped.files);
  const text = await readFile(join(directory, path), 'utf8');
  return unifiedDiff(
    { name: `sluice/${target}`, text: shipped.files.get(target) },
    { name: `${directory}/${path}`, text },
  );
}
