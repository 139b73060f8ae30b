import assert from 'node:assert/strict';
import { workerGroup, type WorkerFacts } from '../../src/cli/proxy/worker-group.ts';
import { parseWorkerGroup } from '../../src/proxies/nginx-output.ts';
import { bundleOf } from '../apply/support/bundles.ts';

const GROUPS = 'root:x:0:\nwww-data:x:33:\nnginx:x:101:\nnogroup:x:65534:\nstaff:x:50:ann\n';
const ROOT = { uid: 0, gid: 0, groups: [0] };
const FACTS: WorkerFacts = { built: 'nobody', groups: GROUPS, writer: ROOT, owner: undefined };

describe('the group of the workers of nginx', () => {
  const cases: readonly [what: string, facts: Partial<WorkerFacts>, conf: string, gid: number | undefined][] = [
    ['is nogroup where nobody has no group', {}, '', 65534],
    ['is that of the build', { built: 'nginx' }, '', 101],
    ['is that of the configuration', {}, 'worker_processes 1;\nuser www-data;\n', 33],
    ['is the second word of the configuration', {}, '  user "nobody"  staff ;', 50],
    ['is not in a comment', { built: 'nginx' }, '# user www-data;', 101],
    ['is nobody where there is no such group', { built: 'wheel' }, '', undefined],
    ['is of no use to an owner that is not root', { owner: { uid: 101, gid: 101 } }, 'user nginx;', undefined],
    ['is of use to root as owner', { owner: { uid: 0, gid: 0 } }, 'user nginx;', 101],
    ['is not given by others', { writer: { uid: 1000, gid: 1000, groups: [1000] } }, 'user nginx;', undefined],
    ['is given by its members', { writer: { uid: 1000, gid: 1000, groups: [1000, 101] } }, 'user nginx;', 101],
    ['is not widened to their own', { writer: { uid: 101, gid: 101, groups: [101] } }, 'user nginx;', undefined],
  ];
  for (const [what, facts, conf, gid] of cases) {
    it(what, () => assert.equal(workerGroup({ ...FACTS, ...facts })(bundleOf({ 'nginx.conf': conf })), gid));
  }

  it('is read from nginx -V', () => {
    assert.equal(
      parseWorkerGroup("configure arguments: --prefix=/x --user=nginx --group=web --with-cc-opt='-g'"),
      'web',
    );
    assert.equal(parseWorkerGroup('configure arguments: --user=nginx'), 'nginx');
    assert.equal(parseWorkerGroup('configure arguments: --prefix=/x'), 'nobody');
  });
});
