import { cp, mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A Dockerfile, as far as its last stage goes without a builder. */
export interface Dockerfile {
  /** From the context, in this order. */
  readonly copies: readonly { readonly sources: readonly string[]; readonly target: string }[];
  /** The last of each instruction that counts once. */
  readonly last: ReadonlyMap<string, string>;
  readonly arguments: ReadonlyMap<string, string>;
  readonly stages: readonly string[];
}

export async function readDockerfile(path: string): Promise<Dockerfile> {
  const text = await readFile(path, 'utf8');
  const lines = text.replace(/\\\n/g, ' ').split('\n');
  const instructions = lines
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
      return { name, rest };
    });
  const of = (name: string) => instructions.filter((item) => item.name === name).map(({ rest }) => rest);
  const copies = of('COPY').filter((rest) => !rest.startsWith('--from='));
  return {
    copies: copies.map((rest) => {
      const words = rest.split(/\s+/);
      return { sources: words.slice(0, -1), target: words.at(-1) ?? '' };
    }),
    last: new Map(instructions.map(({ name, rest }) => [name, rest])),
    arguments: new Map(of('ARG').map((rest): [string, string] => [rest.split('=')[0] ?? '', rest.split('=')[1] ?? ''])),
    stages: of('FROM'),
  };
}

/** Lays out in `root` what the instructions COPY bring from `context`, by the rules of the builder. */
export async function layOut({ copies }: Dockerfile, context: string, root: string): Promise<void> {
  for (const { sources, target } of copies) {
    for (const source of sources) {
      // A directory is copied as its content; a file into a target that ends in a slash.
      const to = target.endsWith('/') ? join(root, target, basename(source)) : join(root, target);
      await mkdir(dirname(to), { recursive: true });
      await cp(join(context, source), to, { recursive: true });
    }
  }
}

/** Paths of the context that the builder is sent, from an ignore file that begins with `*`. */
export async function readIncluded(path: string): Promise<readonly string[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  if (lines[0] !== '*') throw new Error(`${path} does not begin with *`);
  return lines.slice(1).map((line) => line.replace(/^!/, ''));
}
