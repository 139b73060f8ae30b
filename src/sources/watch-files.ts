import { watch } from 'chokidar';

export interface FileListener {
  /** Something below the watched path may have changed: look. */
  readonly onChange: () => void;
  /** The operating system refuses to watch a part of it (for example: too many watches). */
  readonly onProblem: (reason: string) => void;
}

/** Names with one leading dot. Not `..data`: a ConfigMap volume swaps that one, and that is its only sign of change. */
const HIDDEN = /\/\.(?!\.)[^/]*$/;

/**
 * Watches a file or a directory with all below it, following symbolic links, until the signal aborts. The path need not
 * exist yet. Calls `onChange` once when all is being watched, as what happened before then was not seen.
 *
 * @returns resolves when everything is closed
 */
export function watchFiles(path: string, listener: FileListener, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const watcher = watch(path, {
    ignored: (candidate) => candidate !== path && HIDDEN.test(candidate),
    ignoreInitial: true,
    ignorePermissionErrors: true,
    // Holds events back for temporary files of editors; we look at the files themselves.
    atomic: false,
  });
  watcher.on('all', listener.onChange);
  watcher.on('ready', listener.onChange);
  watcher.on('error', (error) => listener.onProblem(error instanceof Error ? error.message : String(error)));
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => void watcher.close().then(resolve, reject), { once: true });
  });
}
