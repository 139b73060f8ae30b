import type { Stats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Owner } from './layout.ts';

/** Names in the directory that lead to what the proxy runs. */
const NAMES = ['generations', 'run', 'current', 'acknowledged'] as const;

/** Of these only sluice itself makes a link. */
const LINKS: ReadonlySet<string> = new Set(['current', 'acknowledged']);

/** The sticky bit: whoever may create names cannot replace those of others. */
const STICKY = 0o1000;
const WRITABLE_BY_ALL = 0o002;

/**
 * Whoever can write into the directory of generations decides what the proxy runs, and where the keys of certificates go.
 * A volume of its own may be open to all who mount it, as an emptyDir of Kubernetes is.
 *
 * @param owner whom the files are given to
 * @throws Error that says what others could do, or have done, and what to do about it
 */
export async function refuseUntrusted(configDir: string, owner: Owner | undefined): Promise<void> {
  const root = await orNone(stat(configDir));
  if (root === undefined) return;
  const parent = await stat(dirname(configDir));
  if (isOpenToAll(root, parent)) {
    throw new Error(
      `every user of this machine can write to ${configDir}, and so decide what the proxy runs: chmod o-w it, or name another --config-dir`,
    );
  }
  const trusted = new Set([0, process.geteuid?.() ?? 0, root.uid, ...(owner === undefined ? [] : [owner.uid])]);
  for (const name of NAMES) {
    const path = join(configDir, name);
    const problem = problemOf(name, await orNone(lstat(path)), trusted);
    if (problem !== undefined) throw new Error(`${path} ${problem}: remove it, or name another --config-dir`);
  }
}

/** What is wrong with a name in the directory; `undefined` when nothing is, or nothing has it. */
export function problemOf(
  name: (typeof NAMES)[number],
  stats: Pick<Stats, 'uid' | 'isSymbolicLink'> | undefined,
  trusted: ReadonlySet<number>,
): string | undefined {
  if (stats === undefined) return undefined;
  if (!trusted.has(stats.uid)) return `belongs to another user (${stats.uid})`;
  return stats.isSymbolicLink() && !LINKS.has(name) ? 'is a symbolic link, which sluice does not make' : undefined;
}

/** Whether every user may put something else in the place of what is there; of a volume only those who mount it are users. */
export function isOpenToAll({ mode, dev }: Pick<Stats, 'mode' | 'dev'>, parent: Pick<Stats, 'dev'>): boolean {
  return (mode & WRITABLE_BY_ALL) !== 0 && (mode & STICKY) === 0 && dev === parent.dev;
}

async function orNone(look: Promise<Stats>): Promise<Stats | undefined> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
