import { isRecord } from '../model/record.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generationDirectory, type Layout } from './layout.ts';

export const MANIFEST = 'manifest.json';

/** What a generation holds. The file is the last one to be written: a directory that has it is complete. */
export interface Manifest {
  readonly format: 1;
  readonly generation: number;
  readonly digest: string;
  /** SHA-256 by path, without the files that differ in every generation. */
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256 by path of the files that differ in every generation. Left out by releases before it. */
  readonly stamped?: Readonly<Record<string, string>>;
  /**
   * When each file was modified last, milliseconds since 1970 as the file system says. Only ever compared for equality: a
   * file with another time was touched by somebody else, whatever clocks did since. Left out by releases before it.
   */
  readonly modified?: Readonly<Record<string, number>>;
}

/** A generation on disk. */
export interface Generation {
  readonly number: number;
  readonly directory: string;
  readonly manifest: Manifest;
}

/** `undefined` when the generation is not there or its manifest cannot be used. */
export async function readGeneration(layout: Layout, number: number): Promise<Generation | undefined> {
  return loadGeneration(layout, number).catch(() => undefined);
}

/** @throws Error when the generation is not there or its manifest cannot be used, saying why */
export async function loadGeneration(layout: Layout, number: number): Promise<Generation> {
  const directory = generationDirectory(layout, number);
  const manifest = parseManifest(await readFile(join(directory, MANIFEST), 'utf8'));
  if (manifest === undefined) throw new Error(`${MANIFEST} is not a manifest of sluice`);
  if (manifest.generation !== number) throw new Error(`${MANIFEST} is that of generation ${manifest.generation}`);
  return { number, directory, manifest };
}

export function parseManifest(text: string): Manifest | undefined {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || value['format'] !== 1) return undefined;
  const { generation, digest, files, stamped, modified } = value;
  if (!Number.isSafeInteger(generation) || typeof digest !== 'string' || !isTextRecord(files)) return undefined;
  return {
    ...{ format: 1, generation: Number(generation), digest, files },
    ...(isTextRecord(stamped) && { stamped }),
    ...(isNumberRecord(modified) && { modified }),
  };
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((entry) => typeof entry === 'string');
}

function isNumberRecord(value: unknown): value is Record<string, number> {
  return isRecord(value) && Object.values(value).every((entry) => typeof entry === 'number');
}
