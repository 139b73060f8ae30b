import { resolve } from 'node:path';
import { watch } from 'chokidar';
import { describeError, errorCode } from './manifests/list-files.ts';

export interface FileListener {
  /** Something below the watched path may have changed: look. */
  readonly onChange: () => void;
  /** The operating system refuses to watch a part of it (for example: too many watches). */
  readonly onProblem: (reason: string) => void;
}

/** Names with one leading dot. Not `..data`: a ConfigMap volume swaps that one, and that is its only sign of change. */
const HIDDEN = /\/\.(?!\.)[^/]*$/;

/** Errors that are about a single path, which whoever reads that path sees too. */
const OF_A_PATH: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'EPERM']);

/**
 * Watches a file or a directory with all below it, following symbolic links, until the signal aborts. The path need not
 * exist yet. Calls `onChange` once when all is being watched, as what happened before then was not seen.
 *
 * @returns resolves when everything is closed
 */
export function watchFiles(path: string, listener: FileListener, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const root = resolve(path);
  const watcher = watch(root, {
    ignored: (candidate) => candidate !== root && HIDDEN.test(candidate),
    ignoreInitial: true,
    ignorePermissionErrors: true,
    // Holds events back for temporary files of editors; we look at the files themselves.
    atomic: false,
  });
  watcher.on('all', listener.onChange);
  watcher.on('ready', listener.onChange);
  watcher.on('error', (error) => {
    // An error can be all that is heard of a change, such as a file that became a link to itself.
    listener.onChange();
    if (!OF_A_PATH.has(errorCode(error) ?? '')) listener.onProblem(describeError(error));
  });
  return new Promise((closed, failed) => {
    signal.addEventListener('abort', () => void watcher.close().then(closed, failed), { once: true });
  });
}
