import { join } from 'node:path';
import type { ProxyIdentity } from '../../src/model/options.ts';
import type { PackFiles } from '../../src/render/pack.ts';
import { loadPack, type Renderer, type TemplatePack } from '../../src/render/render.ts';
import { readPackFiles } from '../../src/sources/pack-files.ts';

/** The files of a pack that comes with sluice. */
export function shippedPack(name: string): Promise<PackFiles> {
  return readPackFiles(join(import.meta.dirname, '..', '..', 'templates', name));
}

export function nginx(version: string): ProxyIdentity {
  return { name: 'nginx', version, modules: [] };
}

let loaded: Promise<TemplatePack> | undefined;

/** A renderer of the shipped pack for a version of nginx; remembers nothing yet. */
export async function nginxRenderer(version: string): Promise<Renderer> {
  loaded ??= shippedPack('nginx').then(loadPack);
  return (await loaded).rendererFor(nginx(version));
}
