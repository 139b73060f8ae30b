import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nginxHashBucket, nginxHashMax } from '../../src/render/helpers/nginx.ts';
import { installedNginx } from '../support/proxies.ts';

/** A configuration of nothing but server names, which are never resolved or listened on. */
function configuration(names: readonly string[], directory: string): string {
  const longest = Math.max(...names.map((name) => name.length));
  return `pid ${join(directory, 'pid')};
events {}
http {
    access_log off;
    server_names_hash_bucket_size ${nginxHashBucket(longest)};
    server_names_hash_max_size ${nginxHashMax(names.length)};
${names.map((name) => `    server { listen unix:${join(directory, 's')}; server_name "${name}"; }`).join('\n')}
}
`;
}

/** What nginx has to say about them; nothing when all is well. */
function complaints(binary: string, directory: string, names: readonly string[]): string {
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, configuration(names, directory));
  const { stderr } = spawnSync(binary, ['-t', '-q', '-e', 'stderr', '-p', directory, '-c', file], { encoding: 'utf8' });
  return stderr;
}

describe('the hash of server names', () => {
  let directory = '';
  before(() => (directory = mkdtempSync(join(tmpdir(), 'sluice-hash-'))));
  after(() => rmSync(directory, { recursive: true }));

  for (const { binary, version } of installedNginx()) {
    it(`is large enough for nginx ${version}, whatever the length of the longest name`, function () {
      this.timeout(120_000);
      // All lengths in one go: nginx needs a bucket for the longest. Then each length alone where the size is used up.
      const every = Array.from({ length: 253 }, (_, index) => 'n'.repeat(index + 1));
      assert.equal(complaints(binary, directory, every), '');
      const steps = every.filter((name) => nginxHashBucket(name.length) !== nginxHashBucket(name.length + 1));
      assert.ok(steps.length >= 3, 'there are sizes to try');
      for (const name of steps) assert.equal(complaints(binary, directory, [name]), '', `${name.length} characters`);
    });

    it(`is large enough for nginx ${version} with thousands of names`, function () {
      this.timeout(120_000);
      const names = Array.from({ length: 3000 }, (_, index) => `host-${index}.example.com`);
      assert.equal(complaints(binary, directory, names), '');
    });
  }
});
