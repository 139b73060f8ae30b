import assert from 'node:assert/strict';
import { complaints, parseState, type MasterState } from '../../src/proxies/haproxy-master.ts';

const HEAD = '#<PID>          <type>          <reloads>       <uptime>        <version>      \n';

describe('what the master CLI of HAProxy answers', () => {
  const states: readonly (readonly [name: string, answer: string, want: MasterState | undefined])[] = [
    [
      'a master after two reloads, the last of which failed',
      `${HEAD}6663            master          2 [failed: 1]   0d00h00m04s     2.6.12\n# workers\n6778            worker          1               0d00h00m03s     2.6.12\n`,
      { pid: 6663, reloads: 2, failed: 1 },
    ],
    [
      'a master of a version that does not count failures',
      `${HEAD}6663            master          2               0d00h00m04s     2.4.0\n`,
      { pid: 6663, reloads: 2, failed: 0 },
    ],
    ['no master', `${HEAD}# workers\n`, undefined],
    ['nothing', '', undefined],
  ];
  for (const [name, answer, want] of states) {
    it(`tells of ${name}`, () => assert.deepEqual(parseState(answer), want));
  }

  it('gives the reason of a failure without notices and process numbers', () => {
    const answer =
      'Success=0\n--\n[NOTICE]   (7311) : Initializing new worker (7580)\n[ALERT]    (7580) : Binding [c.cfg:18]: no\u0007\n\n';
    assert.equal(complaints(answer), '[ALERT] Binding [c.cfg:18]: no ');
    assert.equal(complaints('Success=0\n--\n'), 'it did not say why');
  });
});
