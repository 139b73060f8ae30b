import { createHash } from 'node:crypto';
import type { BundleFile, ConfigBundle, GenerationFile } from '../model/bundle.ts';
import { compareText } from '../model/refs.ts';
import type { PackOutput } from './pack.ts';
import type { Fragment } from './source-map.ts';

export interface RenderedFile {
  readonly output: PackOutput;
  readonly path: string;
  readonly fragment: Fragment;
}

/** Puts rendered files together, sorted by path, with the digest that tells whether anything changed. */
export function createBundle(
  rendered: readonly RenderedFile[],
  stamp: (generation: number) => readonly GenerationFile[],
): ConfigBundle {
  const files = rendered.map(toBundleFile).sort((left, right) => compareText(left.path, right.path));
  const digest = createHash('sha256');
  for (const { path, secret, sha256 } of files) digest.update(`${path} ${secret ? 'secret' : 'plain'} ${sha256}\n`);
  // A stamped file counts with its text for an impossible generation: a changed template of it is a change, too.
  for (const { path, text } of stamp(0)) digest.update(`${path} ${text}\n`);
  return { files: new Map(files.map((file) => [file.path, file])), digest: digest.digest('hex'), stamp };
}

function toBundleFile({ output, path, fragment }: RenderedFile): BundleFile {
  const sha256 = createHash('sha256').update(fragment.text).digest('hex');
  const { secret, workers, runtime } = output;
  return {
    ...{ path, text: fragment.text, secret, workers, runtime, sha256 },
    get owners() {
      return fragment.owners;
    },
  };
}
