import { join } from 'node:path';
import type { ProxyIdentity } from '../../src/model/options.ts';
import type { PackFiles } from '../../src/render/pack.ts';
import { loadPack, type Renderer, type TemplatePack } from '../../src/render/render.ts';
import { readPackFiles } from '../../src/sources/packs/pack-files.ts';

/** The files of a pack that comes with sluice. */
export function shippedPack(name: string): Promise<PackFiles> {
  return readPackFiles(join(import.meta.dirname, '..', '..', 'templates', name));
}

export function nginx(version: string): ProxyIdentity {
  return { name: 'nginx', version, modules: [] };
}

const loaded = new Map<string, Promise<TemplatePack>>();

/** A renderer of a shipped pack for a version of its proxy; remembers nothing yet. */
export async function rendererFor(proxy: string, version: string): Promise<Renderer> {
  const pack = loaded.get(proxy) ?? shippedPack(proxy).then(loadPack);
  loaded.set(proxy, pack);
  return (await pack).rendererFor({ name: proxy, version, modules: [] });
}

export function nginxRenderer(version: string): Promise<Renderer> {
  return rendererFor('nginx', version);
}
