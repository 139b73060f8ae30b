import assert from 'node:assert/strict';
import { liveCommands, parseLive, stepsFor, type LiveServer, type Steps } from '../../src/proxies/haproxy-live.ts';

const A = '10.0.0.1:80';
const B = '10.0.0.2:80';
const C = '10.0.0.3:80';

function server(name: string, address: string, rest: Partial<LiveServer> = {}): LiveServer {
  return { name, address, state: 'ready', used: 0, ...rest };
}

function left(name: string, address: string, used = 0): LiveServer {
  return server(name, address, { state: 'maintenance', used });
}

describe('stepsFor', () => {
  const of = (before: readonly string[], after: readonly string[], live: readonly LiveServer[]): Steps | string =>
    stepsFor({ backend: 'b', before: new Set(before), after: new Set(after), options: 'maxconn 9' }, live);

  const cases: readonly {
    readonly name: string;
    readonly live: readonly LiveServer[];
    readonly before: readonly string[];
    readonly after: readonly string[];
    readonly place: readonly string[];
    readonly change: readonly string[];
  }[] = [
    {
      name: 'nothing to do when only the order changed',
      live: [server('s0', A), server('s1', B)],
      before: [A, B],
      after: [B, A],
      place: [],
      change: [],
    },
    {
      name: 'a new server under the first name that is free, opened before others are closed',
      live: [server('s0', A), server('s2', B)],
      before: [A, B],
      after: [B, C],
      place: [`add server b/s1 ${C} maxconn 9`],
      change: ['set server b/s1 state ready', 'set server b/s0 state maint'],
    },
    {
      name: 'a server that was left over and has no request, with another address',
      live: [server('s0', A), left('s1', B)],
      before: [A],
      after: [A, C],
      place: ['set server b/s1 addr 10.0.0.3 port 80'],
      change: ['set server b/s1 state ready'],
    },
    {
      name: 'a server that has requests still, for its own address only',
      live: [server('s0', A), left('s1', B, 1), left('s2', C, 1)],
      before: [A],
      after: [A, C],
      place: [],
      change: ['set server b/s2 state ready'],
    },
    {
      name: 'a new server when those that were left over have requests',
      live: [server('s0', A), left('s1', B, 1)],
      before: [A],
      after: [C],
      place: [`add server b/s2 ${C} maxconn 9`],
      change: ['set server b/s2 state ready', 'set server b/s0 state maint'],
    },
    {
      name: 'IPv6 in brackets to add, and without to change',
      live: [server('s0', A), left('s1', B)],
      before: [A],
      after: ['[2001:db8::1]:80', '[2001:db8::2]:80'],
      place: ['set server b/s1 addr 2001:db8::1 port 80', 'add server b/s2 [2001:db8::2]:80 maxconn 9'],
      change: ['set server b/s1 state ready', 'set server b/s2 state ready', 'set server b/s0 state maint'],
    },
  ];
  for (const { name, live, before, after, place, change } of cases) {
    it(`has ${name}`, () => {
      const steps = of(before, after, live);
      assert.ok(typeof steps !== 'string', JSON.stringify(steps));
      assert.deepEqual({ place: steps.place, change: steps.change }, { place, change });
    });
  }

  it('leaves it to a reload when the running servers are other ones than they should be', () => {
    for (const live of [[], [server('s0', B)], [server('s0', A), server('s1', B)], [left('s0', A)]]) {
      assert.match(JSON.stringify(of([A], [C], live)), /^"the running servers of b are not those/);
    }
    assert.match(JSON.stringify(of([A], [C], [server('s0', A, { state: 'other' })])), /are not those/);
  });

  it('leaves it to a reload when more than 100 servers would be left over', () => {
    const spare = (count: number): readonly LiveServer[] =>
      Array.from({ length: count }, (_, index) => left(`x${index}`, `10.1.0.${index}:80`));
    assert.ok(typeof of([A, B], [B], [server('s0', A), server('s1', B), ...spare(99)]) !== 'string');
    assert.equal(
      of([A, B], [B], [server('s0', A), server('s1', B), ...spare(100)]),
      'b has too many servers that are left over',
    );
  });
});

describe('parseLive', () => {
  const HEAD =
    '1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n';
  const CONN =
    '# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb safe_nb idle_lim idle_cur idle_per_thr[2]\n';

  it('reads what is asked for of several backends, with other answers in between', () => {
    assert.equal(liveCommands(['a', 'b']).length, 4);
    const answer =
      'New version created: 1\n\n' +
      `${HEAD}3 a 1 s0 127.0.0.1 2 0 1 1 0 1 0 2 0 0 0 0 - 29001 - 0 0 - - 0\n` +
      '3 a 2 s1 ::1 0 1 1 1 0 1 0 0 0 0 0 0 - 80 - 0 0 - - 0\n\n' +
      `${CONN}a/s0 3/1 127.0.0.1 29001 - 5000 7 9 9 0 0 32 0 0 0\na/s1 3/2 ::1 80 - 5000 0 9 9 0 0 32 0 0 0\n\n` +
      'New server registered.\n\n' +
      `${HEAD}4 b 1 s0 - 2 5 1 1 0 1 0 2 0 0 0 0 name.example 80 - 0 0 - - 0\n\n` +
      "Can't find backend.\n\n";
    const live = parseLive(answer);
    assert.deepEqual(live.get('a'), [
      { name: 's0', address: '127.0.0.1:29001', state: 'ready', used: 7 },
      { name: 's1', address: '[::1]:80', state: 'maintenance', used: 0 },
    ]);
    assert.deepEqual(live.get('b'), [{ name: 's0', address: undefined, state: 'other', used: Infinity }]);
  });
});
