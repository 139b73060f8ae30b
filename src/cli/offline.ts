import { readManifests } from '../sources/manifests/read-manifests.ts';
import { ObjectStore } from '../sources/object-store.ts';
import type { ProxyIdentity, ProxySettings } from '../model/options.ts';
import { loadChosenPack } from './packs/packs.ts';
import { createCompiler, type Compiled, type Fit } from './loop/pipeline.ts';
import { toTranslateOptions, type RenderValues } from './settings.ts';

export interface OfflineRequest {
  readonly filenames: readonly string[];
  readonly values: RenderValues;
  readonly settings: ProxySettings;
  readonly identity: ProxyIdentity;
  /** Milliseconds since 1970; the time of the clock when left out. */
  readonly now?: number;
  readonly fit?: Fit;
}

/** Reads manifests once and renders them. @throws Error when a path cannot be read */
export async function compileOffline(request: OfflineRequest): Promise<Compiled> {
  const { filenames, values, settings, identity, now = Date.now(), fit } = request;
  const store = new ObjectStore(() => undefined);
  const [pack] = await Promise.all([loadChosenPack(values), readManifests(filenames, store)]);
  const target = { ...identity, families: pack.manifest.features };
  const facts = { hasResolver: settings.resolvers.length > 0, target, now, isCluster: false, readsClasses: false };
  const compile = createCompiler(pack.rendererFor(identity), settings, () => performance.now(), fit);
  return compile(store.snapshot(), toTranslateOptions(values, facts));
}
