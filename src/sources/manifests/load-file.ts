import { isUtf8 } from 'node:buffer';
import { stat } from 'node:fs/promises';
import type { Diagnostic, FileLocation } from '../../model/diagnostics.ts';
import type { KubernetesObject } from '../../model/objects.ts';
import { invalidManifest, unreadablePath } from '../../model/problems.ts';
import { decodeObject } from '../decode/decode.ts';
import { isRecord } from '../../model/record.ts';
import { readBounded } from '../read-bounded.ts';
import { describeError, errorCode, sameStamp, stampOf, type FileStamp } from './list-files.ts';
import { parseManifests, type RawDocument } from './manifest-file.ts';

export interface FoundObject {
  readonly object: KubernetesObject;
  readonly location: FileLocation;
}

/** What one version of a manifest file says. */
export interface LoadedFile {
  readonly objects: readonly FoundObject[];
  readonly diagnostics: readonly Diagnostic[];
  /** False when a part of the file could not be used: then an object that it no longer shows is not known to be gone. */
  readonly complete: boolean;
}

/** Bytes; what a cluster itself would take as one request is a tenth of it. */
export const MAX_FILE_SIZE = 16 * 1024 * 1024;

const KEPT = 'the last good content of this file stays in force';

/**
 * Reads, parses and decodes one manifest file. Whatever is wrong with it is a diagnostic with file, line and column.
 *
 * @param stamp of the version that is expected
 * @param defaultNamespace for objects that name none
 * @returns `undefined` when the file is no longer, or did not stay, that version: somebody is writing it
 */
export async function loadFile(
  path: string,
  stamp: FileStamp,
  defaultNamespace: string,
): Promise<LoadedFile | undefined> {
  const tooLarge = () => failed(refused(path, `larger than ${MAX_FILE_SIZE} bytes`));
  if (stamp.size > MAX_FILE_SIZE) return tooLarge();
  try {
    const bytes = await readBounded(path, { limit: MAX_FILE_SIZE, anyKind: !stamp.isPlain });
    if (stamp.isPlain && !sameStamp(stamp, stampOf(await stat(path)))) return undefined;
    if (bytes === undefined) return tooLarge();
    return isUtf8(bytes)
      ? loadText(path, bytes.toString('utf8'), defaultNamespace)
      : failed(refused(path, 'not UTF-8'));
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? undefined : failed(unreadablePath(path, describeError(error), KEPT));
  }
}

/** Files that are read at the same time: what is in memory at once is bounded by this and by the size of a file. */
const BATCH = 16;

export interface LoadResult {
  readonly path: string;
  readonly stamp: FileStamp;
  /** Before it was read; milliseconds since 1970. */
  readonly startedAt: number;
  /** As loadFile returns it. */
  readonly loaded: LoadedFile | undefined;
}

/** `loadFile` for many files, in their order. */
export async function* loadFiles(
  files: readonly (readonly [path: string, stamp: FileStamp])[],
  defaultNamespace: string,
): AsyncGenerator<LoadResult> {
  const load = async ([path, stamp]: readonly [string, FileStamp]): Promise<LoadResult> => {
    const startedAt = Date.now();
    return { path, stamp, startedAt, loaded: await loadFile(path, stamp, defaultNamespace) };
  };
  for (let first = 0; first < files.length; first += BATCH) {
    yield* await Promise.all(files.slice(first, first + BATCH).map(load));
  }
}

/** Parses and decodes the text of a manifest file. */
export function loadText(path: string, text: string, defaultNamespace: string): LoadedFile {
  const parsed = parseManifests(path, text);
  if (!parsed.ok) return failed(invalidManifest(parsed.location, parsed.reason));
  const objects: FoundObject[] = [];
  const diagnostics: Diagnostic[] = [];
  let complete = true;
  for (const document of parsed.documents) {
    const found = readDocument(document, defaultNamespace);
    diagnostics.push(...found.diagnostics);
    if (found.object !== undefined) objects.push({ object: found.object, location: document.locate('') });
    else if (found.diagnostics.length > 0) complete = false;
  }
  // A string that was cut from the text keeps all of the text in memory. Those of a clone do not.
  return structuredClone({ objects, diagnostics, complete });
}

interface ReadDocument {
  readonly object: KubernetesObject | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

function readDocument(document: RawDocument, defaultNamespace: string): ReadDocument {
  if (!hasType(document.value)) {
    // The beginning of a manifest is often valid YAML: this is how a half-written file looks.
    const reason = 'expected a Kubernetes object with apiVersion and kind';
    return { object: undefined, diagnostics: [invalidManifest(document.locate(''), reason)] };
  }
  const { object, diagnostics } = decodeObject(document.value, defaultNamespace);
  return { object, diagnostics: diagnostics.map((found) => ({ ...found, location: document.locate(found.field) })) };
}

function hasType(value: unknown): boolean {
  return isRecord(value) && typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string';
}

function refused(path: string, reason: string): Diagnostic {
  return invalidManifest({ file: path, line: 1, column: 1 }, reason);
}

function failed(diagnostic: Diagnostic): LoadedFile {
  return { objects: [], diagnostics: [diagnostic], complete: false };
}
