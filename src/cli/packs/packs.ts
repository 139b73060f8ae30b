import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../package-root.ts';
import type { TemplatePack } from '../../render/render.ts';
import { loadUserPack, type ShippedPack, type UserPack } from '../../render/user-pack.ts';
import { readPackFiles } from '../../sources/packs/pack-files.ts';

/** The packs that come with sluice; the same distance from src/cli and from dist/cli. */
export const SHIPPED_PACKS = join(PACKAGE_ROOT, 'templates');

/** Without files for a proxy that sluice comes with no pack for. */
export async function readShippedPack(proxy: string): Promise<ShippedPack> {
  const directory = join(SHIPPED_PACKS, proxy);
  return { proxy, files: existsSync(directory) ? await readPackFiles(directory) : new Map() };
}

export async function readUserPack(directory: string | undefined): Promise<UserPack | undefined> {
  return directory === undefined ? undefined : { directory, files: await readPackFiles(directory) };
}

/** Which templates to render with: of the flags `--proxy` and `--templates`. */
export interface PackChoice {
  readonly proxy: string;
  readonly templates: string | undefined;
}

/** The shipped pack, with the user's over it. @throws PackError with everything that is wrong with it */
export async function loadChosenPack(choice: PackChoice): Promise<TemplatePack> {
  const { shipped, user } = await readChosenPack(choice);
  return loadUserPack(shipped, user);
}

/** @throws Error when there are no templates at all for the proxy */
export async function readChosenPack({
  proxy,
  templates,
}: PackChoice): Promise<{ readonly shipped: ShippedPack; readonly user: UserPack | undefined }> {
  const [shipped, user] = await Promise.all([readShippedPack(proxy), readUserPack(templates)]);
  if (shipped.files.size > 0 || user !== undefined) return { shipped, user };
  throw new Error(`sluice comes with templates for nginx and haproxy; for ${proxy}, name some with --templates`);
}
