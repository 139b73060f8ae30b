import { isDeepStrictEqual } from 'node:util';
import { Changes } from '../changes.ts';
import { readPackFiles } from './pack-files.ts';
import { watchFiles } from '../watch-files.ts';

/** Files of a pack by path, as they are on the disk. */
export type PackTexts = ReadonlyMap<string, string>;

export interface PackListener {
  /** The files are others than before. */
  readonly onFiles: (files: PackTexts) => void;
  /** They cannot be read. */
  readonly onUnreadable: (reason: string) => void;
  /** Changes may be seen late. */
  readonly onUnwatched: (reason: string) => void;
}

export interface PackSourceOptions {
  readonly directory: string;
  /** What was read already: only another content is told. */
  readonly known: PackTexts;
  /** Milliseconds after which the files are looked at even if no change was seen; 10,000 when left out. */
  readonly rescanMs?: number;
}

/** Milliseconds between two looks of which both must show the same, so that half of a change is not taken for it. */
const SETTLE_MS = 50;

/**
 * Tells of every change to the files of a pack until the signal aborts. Events of the file system only say that it is time
 * to look; a volume of a ConfigMap, whose links swap all files at once, is followed like any directory.
 *
 * @returns resolves when nothing is watched any more
 */
export async function followPack(
  options: PackSourceOptions,
  listener: PackListener,
  signal: AbortSignal,
): Promise<void> {
  const { directory, rescanMs = 10_000 } = options;
  const changes = new Changes();
  const closed = watchFiles(
    directory,
    { onChange: () => changes.note(), onProblem: (reason) => listener.onUnwatched(reason) },
    signal,
  );
  let told: Look = { files: options.known, problem: undefined };
  let seen: Look = told;
  while (!signal.aborted) {
    await changes.next(isDeepStrictEqual(seen, told) ? rescanMs : SETTLE_MS, signal);
    const look = await lookAt(directory);
    const isSettled = isDeepStrictEqual(look, seen);
    seen = look;
    if (isSettled && !isDeepStrictEqual(look, told) && !isAborted(signal)) {
      told = look;
      tell(look, listener);
    }
  }
  await closed;
}

/** A function, because the compiler takes the property for constant. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function tell({ files, problem }: Look, listener: PackListener): void {
  if (problem === undefined) listener.onFiles(files);
  else listener.onUnreadable(problem);
}

interface Look {
  readonly files: PackTexts;
  readonly problem: string | undefined;
}

async function lookAt(directory: string): Promise<Look> {
  try {
    return { files: await readPackFiles(directory), problem: undefined };
  } catch (error) {
    return { files: new Map(), problem: error instanceof Error ? error.message : String(error) };
  }
}
