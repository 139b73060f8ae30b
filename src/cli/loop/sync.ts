import type { ObjectStore } from '../../sources/object-store.ts';
import type { Source } from '../../sources/source.ts';
import type { Clock } from './clock.ts';
import type { DiagnosticLog } from './diagnostic-log.ts';

const TELL_MS = 1_000;

/** Waits for a source; says meanwhile what it complains of, such as a directory that is not there. @throws on abort */
export async function waitForSync(
  { source, store }: { readonly source: Source; readonly store: ObjectStore },
  told: DiagnosticLog,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const synced = source.synced.then(() => true);
  for (;;) {
    const late = clock.sleep(TELL_MS, signal).then(() => false);
    if (await Promise.race([synced, late])) return;
    // The pause above ends at once then, and again and again.
    signal.throwIfAborted();
    told.update(store.diagnostics);
  }
}
