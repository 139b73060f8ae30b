import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackFiles } from '../../render/pack.ts';
import { errorCode } from '../../sources/manifests/list-files.ts';
import { readVersion } from '../version.ts';

/** The shipped pack that templates were made for, kept beside them so that its later changes can be shown. */
export interface PackRecord {
  readonly proxy: string;
  /** Version of sluice. */
  readonly version: string;
  /** The shipped files as they were. */
  readonly files: PackFiles;
}

const NAME = '.sluice-pack.json';

interface RecordFile {
  readonly about: string;
  readonly proxy: string;
  readonly sluice: string;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly text: string }>>;
}

export async function writeRecord(directory: string, proxy: string, files: PackFiles): Promise<void> {
  const entries = [...files].map(([path, text]) => [path, { sha256: sha256(text), text }] as const);
  const record: RecordFile = {
    about: 'The templates of sluice that those beside were made for; `sluice pack diff` compares with them.',
    proxy,
    sluice: readVersion(),
    files: Object.fromEntries(entries),
  };
  await writeFile(join(directory, NAME), `${JSON.stringify(record, undefined, 2)}\n`);
}

/** @returns `undefined` when there is none. @throws Error when it was changed by hand */
export async function readRecord(directory: string): Promise<PackRecord | undefined> {
  const path = join(directory, NAME);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const { proxy, sluice, files } = parse(path, text);
  for (const [name, file] of Object.entries(files)) {
    if (sha256(file.text) !== file.sha256) throw new Error(`${path}: "${name}" is not what was recorded; restore it`);
  }
  return { proxy, version: sluice, files: new Map(Object.entries(files).map(([name, file]) => [name, file.text])) };
}

function parse(path: string, text: string): RecordFile {
  try {
    return JSON.parse(text) as RecordFile;
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
