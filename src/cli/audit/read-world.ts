import { setTimeout as sleep } from 'node:timers/promises';
import type { Diagnostic } from '../../model/diagnostics.ts';
import type { TranslateOptions } from '../../model/options.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { CollapseGuard } from '../../sources/collapse/guard.ts';
import { readManifests } from '../../sources/manifests/read-manifests.ts';
import { ObjectStore } from '../../sources/object-store.ts';
import { ReferenceFinder } from '../../translate/references.ts';
import { realClock } from '../loop/clock.ts';
import { connectCluster, followCluster } from '../sources.ts';
import { readVersion } from '../version.ts';
import type { AuditValues } from './flags.ts';
import { isAboutSecrets } from './make-report.ts';

/** What is audited. */
export interface World {
  readonly snapshot: Snapshot;
  readonly hasLookedFor: (secret: string) => boolean;
}

/** Manifests seldom hold Secrets, and nobody can say of one that is not there whether it is in the cluster. */
export async function readFiles(filenames: readonly string[]): Promise<World> {
  const store = new ObjectStore(() => undefined);
  await readManifests(filenames, store);
  return { snapshot: store.snapshot(), hasLookedFor: () => false };
}

const LOOK_MS = 100;

/**
 * Reads a cluster once, as `run` does at its start. Without the right to read Secrets it goes on.
 *
 * @throws Error when something else cannot be read
 */
export async function readCluster(
  values: AuditValues,
  optionsOf: () => TranslateOptions,
  signal: AbortSignal,
): Promise<World> {
  const cluster = await connectCluster(values, readVersion());
  const done = new AbortController();
  const ending = AbortSignal.any([signal, done.signal]);
  const store = new ObjectStore(() => undefined);
  const guard = new CollapseGuard({ store, holdMs: 0, clock: realClock, wallNow: () => new Date() }, ending);
  const finder = new ReferenceFinder();
  const references = (snapshot: Snapshot) => finder.all(snapshot, optionsOf());
  const listener = { onWaiting: () => undefined, onRestart: () => undefined, onSynced: () => undefined };
  const source = followCluster(values, cluster, { store, guard, listener, clock: realClock, references }, ending);
  try {
    await waitUntilRead(source.synced, store, signal);
    const { objects, diagnostics: all } = store.snapshot();
    const diagnostics = all.filter((item) => !isOfWatching(item));
    return { snapshot: { objects, diagnostics }, hasLookedFor: looks(diagnostics) };
  } finally {
    done.abort();
    await source.stopped;
  }
}

async function waitUntilRead(synced: Promise<void>, store: ObjectStore, signal: AbortSignal): Promise<void> {
  const read = synced.then(() => true);
  for (;;) {
    if (await Promise.race([read, sleep(LOOK_MS, false, { signal })])) return;
    const failed = store.diagnostics.find(
      (item) => item.code.startsWith('Api') && !isOptional(item) && !isOfWatching(item),
    );
    if (failed !== undefined) throw new Error(`the cluster cannot be read: ${failed.message}`);
  }
}

/** A list is all that an audit needs; whoever may list need not have the right to watch. */
function isOfWatching({ code, message }: Diagnostic): boolean {
  return code.startsWith('Api') && /^(?:not allowed to|cannot) watch /.test(message);
}

/** What is only looked at when something refers to it. */
function isOptional(diagnostic: Diagnostic): boolean {
  return isAboutSecrets(diagnostic) || / configmaps\b/.test(diagnostic.message);
}

/** `not allowed to list secrets in namespace shop (metadata.name=web): …` */
const REFUSED = /^\S.* secrets(?: in namespace (?<namespace>[^\s:]+))?(?: \(metadata\.name=(?<name>[^)]+)\))?:/;

/** A Secret is unread when the API server refused it, its namespace, or all. */
function looks(diagnostics: readonly Diagnostic[]): World['hasLookedFor'] {
  const refused = diagnostics.filter(isAboutSecrets).map(({ message }) => {
    const { namespace = '', name = '' } = REFUSED.exec(message)?.groups ?? {};
    return namespace === '' ? '' : `${namespace}/${name}`;
  });
  return (secret) =>
    !refused.some((what) => (what.endsWith('/') || what === '' ? secret.startsWith(what) : secret === what));
}
