import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tellStory } from './disk-story.ts';

/* Runs in a mount namespace of its own: mounts a small file system on the directory and prints what happens there. */

const [mountPoint = ''] = process.argv.slice(2);
const mount = (...args: readonly string[]): Promise<void> => {
  execFileSync('mount', [...args, mountPoint]);
  return Promise.resolve();
};
await mount('-t', 'tmpfs', '-o', 'size=256k', 'tmpfs');

const junk = join(mountPoint, 'junk');
const steps = await tellStory(join(mountPoint, 'config'), {
  fill: () => {
    for (let size = 65_536; size >= 512; size /= 2) fillBy(size);
    return Promise.resolve();
  },
  makeRoom: () => rm(junk),
  setReadOnly: (readOnly) => mount('-o', `remount,bind,${readOnly ? 'ro' : 'rw'}`),
});
process.stdout.write(JSON.stringify(steps));

/** Until not even so many bytes find room. */
function fillBy(size: number): void {
  try {
    for (;;) writeFileSync(junk, Buffer.alloc(size), { flag: 'a' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}
