import { join } from 'node:path';
import { readManifests } from '../sources/read-manifests.ts';
import { readPackFiles } from '../sources/pack-files.ts';
import { ObjectStore } from '../sources/object-store.ts';
import type { ProxyIdentity, ProxySettings } from '../model/options.ts';
import { loadPack, type TemplatePack } from '../render/render.ts';
import { createCompiler, type Compiled } from './pipeline.ts';
import { toTranslateOptions, type RenderValues } from './settings.ts';

/** The packs that come with sluice; the same distance from src/cli and from dist/cli. */
const SHIPPED_PACKS = join(import.meta.dirname, '..', '..', 'templates');

export async function loadShippedPack(proxy: string): Promise<TemplatePack> {
  return loadPack(await readPackFiles(join(SHIPPED_PACKS, proxy)));
}

export interface OfflineRequest {
  readonly filenames: readonly string[];
  readonly values: RenderValues;
  readonly settings: ProxySettings;
  readonly identity: ProxyIdentity;
}

/** Reads manifests once and renders them. @throws Error when a path cannot be read */
export async function compileOffline({ filenames, values, settings, identity }: OfflineRequest): Promise<Compiled> {
  const store = new ObjectStore(() => undefined);
  const [pack] = await Promise.all([loadShippedPack(values.proxy), readManifests(filenames, store)]);
  const facts = { hasResolver: settings.resolvers.length > 0, now: Date.now() };
  const compile = createCompiler(pack.rendererFor(identity), settings, () => performance.now());
  return compile(store.snapshot(), toTranslateOptions(values, facts));
}
