import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Directory of sluice's own package.json and templates: the same from the sources, from dist and from a bundle, however
 * deep this code lies.
 */
export const PACKAGE_ROOT = findRoot(import.meta.dirname);

function findRoot(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory)
    throw new Error(`sluice is not installed whole: no package.json above ${import.meta.dirname}`);
  return findRoot(parent);
}
