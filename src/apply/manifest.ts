import { readFile, stat } from 'node:fs/promises';
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
}

/** A generation on disk. */
export interface Generation {
  readonly number: number;
  readonly directory: string;
  readonly manifest: Manifest;
  /** When the manifest was written, as the file system says; a file that is newer was edited by somebody else. */
  readonly writtenAtMs: number;
}

/** `undefined` when the generation is not there or its manifest cannot be used. */
export async function readGeneration(layout: Layout, number: number): Promise<Generation | undefined> {
  const directory = generationDirectory(layout, number);
  const path = join(directory, MANIFEST);
  try {
    const manifest = parseManifest(await readFile(path, 'utf8'));
    const { mtimeMs } = await stat(path);
    if (manifest?.generation !== number) return undefined;
    return { number, directory, manifest, writtenAtMs: mtimeMs };
  } catch {
    return undefined;
  }
}

export function parseManifest(text: string): Manifest | undefined {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || value['format'] !== 1) return undefined;
  const { generation, digest, files } = value;
  if (!Number.isSafeInteger(generation) || typeof digest !== 'string' || !isTextRecord(files)) return undefined;
  return { format: 1, generation: Number(generation), digest, files };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((entry) => typeof entry === 'string');
}
