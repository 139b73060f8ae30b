import assert from 'node:assert/strict';
import type { ApplyResult } from '../../src/model/outcome.ts';
import { collapseHeld } from '../../src/model/problems.ts';
import { Health, type Probe } from '../../src/report/health.ts';
import { outcomeOf } from './support.ts';

const APPLIED: ApplyResult = { type: 'applied', by: 'reload', generation: 3, changedFiles: ['hosts.conf'] };
const UNCHANGED: ApplyResult = { type: 'unchanged', generation: 3 };
const REFUSED: ApplyResult = { type: 'refused', message: 'unknown directive\nin hosts.conf:2', places: [] };
const FAILED: ApplyResult = { type: 'failed', message: 'no space left on device' };
const ROLLED_BACK: ApplyResult = { type: 'rolled-back', message: 'port 80 is in use', generation: 2 };
const SILENT: ApplyResult = { type: 'unacknowledged', message: 'it does not answer', generation: 3 };

const HELD = collapseHeld('services', { before: 12, left: 1 }, '2026-01-01T00:05:00.000Z');

const LISTING = 'Ingress to be listed (cannot list ingresses.networking.k8s.io in namespace "shop": 403 Forbidden)';

type Step = (health: Health) => void;
const pass =
  (result: ApplyResult): Step =>
  (health) =>
    health.observe(outcomeOf({ result }));
const between =
  (result: ApplyResult): Step =>
  (health) =>
    health.observeResult(result);
const wait =
  (reason: string | undefined): Step =>
  (health) =>
    health.setWaiting('Ingress', reason);
const answers =
  (does: boolean): Step =>
  (health) =>
    health.proxyAnswers(does);
const shutDown: Step = (health) => health.shutDown();

function after(steps: readonly Step[]): Health {
  const health = new Health({ now: () => 0, beatLimitMs: 1 });
  for (const step of steps) step(health);
  return health;
}

function told({ status, body }: Probe): string {
  return `${status} ${body.trimEnd().replaceAll('\n', ' | ')}`;
}

describe('/readyz', () => {
  const cases: readonly { readonly name: string; readonly steps: readonly Step[]; readonly want: string }[] = [
    {
      name: 'waits for a first generation before anything happened',
      steps: [],
      want: '503 not ready | generation: none | synced: no | waiting for: the proxy to acknowledge a first generation',
    },
    {
      name: 'says which kind cannot be listed, and why',
      steps: [wait(LISTING)],
      want: `503 not ready | generation: none | synced: no | waiting for: ${LISTING} | waiting for: the proxy to acknowledge a first generation`,
    },
    {
      name: 'stays ready, and says what is held although it is gone',
      steps: [
        (health) =>
          health.observe(outcomeOf({ result: APPLIED, diagnostics: [HELD, { ...HELD, code: 'InvalidHost' }] })),
      ],
      want: `200 ready | generation: 3 | synced: yes | note: ${HELD.message}`,
    },
    {
      name: 'says nothing of it when it is over',
      steps: [(health) => health.observe(outcomeOf({ result: APPLIED, diagnostics: [HELD] })), pass(UNCHANGED)],
      want: '200 ready | generation: 3 | synced: yes',
    },
    {
      name: 'is ready when a generation is applied',
      steps: [wait(LISTING), wait(undefined), pass(APPLIED)],
      want: '200 ready | generation: 3 | synced: yes',
    },
    {
      name: 'is ready when the proxy runs the configuration already',
      steps: [pass(UNCHANGED)],
      want: '200 ready | generation: 3 | synced: yes',
    },
    {
      name: 'is not ready as long as a source waits',
      steps: [wait(LISTING), pass(APPLIED)],
      want: `503 not ready | generation: 3 | synced: no | waiting for: ${LISTING}`,
    },
    {
      name: 'says that the proxy does not answer',
      steps: [pass(SILENT)],
      want: '503 not ready | generation: none | synced: yes | waiting for: the proxy to acknowledge generation 3 (it does not answer)',
    },
    {
      name: 'is ready when the proxy answers later',
      steps: [pass(SILENT), between(APPLIED)],
      want: '200 ready | generation: 3 | synced: yes',
    },
    {
      name: 'waits for a first configuration that the proxy accepts',
      steps: [pass(REFUSED)],
      want: '503 not ready | generation: none | synced: yes | waiting for: a configuration that the proxy accepts (unknown directive in hosts.conf:2)',
    },
    {
      name: 'waits for a first configuration that can be installed',
      steps: [pass(FAILED)],
      want: '503 not ready | generation: none | synced: yes | waiting for: a configuration to be installed (no space left on device)',
    },
    {
      name: 'waits for a first configuration that the proxy takes over',
      steps: [pass(ROLLED_BACK)],
      want: '503 not ready | generation: none | synced: yes | waiting for: the proxy to take the configuration over (port 80 is in use)',
    },
    {
      name: 'waits for the first pass although the proxy runs what an earlier sluice installed',
      steps: [between(UNCHANGED)],
      want: '503 not ready | generation: 3 | synced: no | waiting for: the first pass over all sources',
    },
    {
      name: 'is ready after a restart although the newest configuration is refused',
      steps: [between(UNCHANGED), pass(REFUSED)],
      want: '200 ready | generation: 3 | synced: yes | note: the proxy refuses the newest configuration (unknown directive in hosts.conf:2)',
    },
    {
      name: 'stays ready when a later configuration is refused, until the next pass',
      steps: [pass(APPLIED), pass(REFUSED), between(UNCHANGED)],
      want: '200 ready | generation: 3 | synced: yes | note: the proxy refuses the newest configuration (unknown directive in hosts.conf:2)',
    },
    {
      name: 'forgets a refusal when a later configuration is applied',
      steps: [pass(APPLIED), pass(REFUSED), pass(APPLIED)],
      want: '200 ready | generation: 3 | synced: yes',
    },
    {
      name: 'stays ready when a later configuration cannot be installed',
      steps: [pass(APPLIED), pass(FAILED)],
      want: '200 ready | generation: 3 | synced: yes | note: the newest configuration could not be installed (no space left on device)',
    },
    {
      name: 'stays ready on the generation that was gone back to',
      steps: [pass(APPLIED), pass(ROLLED_BACK)],
      want: '200 ready | generation: 2 | synced: yes | note: the proxy did not take the newest configuration over (port 80 is in use)',
    },
    {
      name: 'stays ready when the API server is away',
      steps: [pass(APPLIED), wait('Ingress to be watched again (ECONNREFUSED)')],
      want: '200 ready | generation: 3 | synced: no | note: waiting for Ingress to be watched again (ECONNREFUSED)',
    },
    {
      name: 'is not ready when the proxy stops answering',
      steps: [pass(APPLIED), answers(false)],
      want: '503 not ready | generation: 3 | synced: yes | waiting for: the proxy to answer',
    },
    {
      name: 'is not ready when nothing that is installed is acknowledged any more',
      steps: [pass(APPLIED), between(SILENT)],
      want: '503 not ready | generation: 3 | synced: yes | waiting for: the proxy to acknowledge generation 3 (it does not answer)',
    },
    {
      name: 'is ready again when the proxy answers again, also when the API server is away',
      steps: [pass(APPLIED), answers(false), wait(LISTING), answers(true)],
      want: `200 ready | generation: 3 | synced: no | note: waiting for ${LISTING}`,
    },
    {
      name: 'was not ready yet, and waits for sources, when the proxy answers before they are known',
      steps: [wait(LISTING), between(APPLIED), answers(true)],
      want: `503 not ready | generation: 3 | synced: no | waiting for: ${LISTING} | waiting for: the first pass over all sources`,
    },
    {
      name: 'is not ready when it shuts down',
      steps: [pass(APPLIED), shutDown],
      want: '503 not ready | generation: 3 | synced: yes | shutting down',
    },
  ];
  for (const { name, steps, want } of cases) {
    it(name, () => assert.equal(told(after(steps).ready()), want));
  }

  it('lists what several parts wait for, in the order of their names', () => {
    const health = after([]);
    health.setWaiting('Service', 'Service to be listed');
    health.setWaiting('Ingress', 'Ingress to be listed');
    assert.match(health.ready().body, /waiting for: Ingress to be listed\nwaiting for: Service to be listed\n/);
  });

  it('keeps to one line for each reason, and cuts it', () => {
    const health = after([wait(`a\u0000\r\n${'b'.repeat(1_000)}`)]);
    const line = health.ready().body.split('\n')[3] ?? '';
    assert.match(line, /^waiting for: a b+…$/);
    assert.equal(line.length, 300);
  });
});

describe('/startz', () => {
  const cases: readonly { readonly name: string; readonly steps: readonly Step[]; readonly want: string }[] = [
    { name: 'fails before anything is installed', steps: [], want: '503 no configuration is installed' },
    {
      name: 'says what the sources wait for',
      steps: [wait(LISTING)],
      want: `503 no configuration is installed | waiting for: ${LISTING}`,
    },
    {
      name: 'fails when the first configuration is refused',
      steps: [pass(REFUSED)],
      want: '503 no configuration is installed | waiting for: a configuration that the proxy accepts (unknown directive in hosts.conf:2)',
    },
    { name: 'succeeds when no proxy runs yet', steps: [pass(SILENT)], want: '200 a configuration is installed' },
    { name: 'succeeds when the proxy runs it', steps: [pass(APPLIED)], want: '200 a configuration is installed' },
    { name: 'succeeds when nothing changed', steps: [pass(UNCHANGED)], want: '200 a configuration is installed' },
    { name: 'succeeds after a roll-back', steps: [pass(ROLLED_BACK)], want: '200 a configuration is installed' },
    {
      name: 'stays so when a later configuration is refused',
      steps: [pass(SILENT), pass(REFUSED), pass(FAILED)],
      want: '200 a configuration is installed',
    },
  ];
  for (const { name, steps, want } of cases) {
    it(name, () => assert.equal(told(after(steps).started()), want));
  }
});

describe('/healthz of ingress-nginx', () => {
  it('fails until a configuration is installed, and while it shuts down', () => {
    assert.match(told(after([]).serving()), /^500 no configuration is installed/);
    assert.match(told(after([pass(REFUSED)]).serving()), /^500 /);
    assert.equal(told(after([pass(APPLIED)]).serving()), '200 ok');
    assert.equal(told(after([pass(APPLIED), pass(REFUSED), answers(false)]).serving()), '200 ok');
    assert.equal(told(after([pass(APPLIED), shutDown]).serving()), '500 shutting down');
  });
});

describe('/healthz', () => {
  function onClock(): { readonly health: Health; readonly at: (ms: number) => Probe } {
    let time = 0;
    const health = new Health({ now: () => time, beatLimitMs: 1_000 });
    const at = (ms: number): Probe => {
      time = ms;
      return health.alive();
    };
    return { health, at };
  }

  it('is fine while sources are waited for, however long', () => {
    assert.deepEqual(onClock().at(1e9), { status: 200, body: 'ok\n' });
  });

  it('fails when the loop does not come around in time, and is fine again when it does', () => {
    const { health, at } = onClock();
    health.beat();
    assert.equal(at(1_000).status, 200);
    assert.deepEqual(at(3_500), { status: 500, body: 'the reconcile loop is 3 s late\n' });
    health.beat();
    assert.equal(at(3_600).status, 200);
  });

  it('gives a pass the time that it may take', () => {
    const { health, at } = onClock();
    health.beat();
    health.passStarted(60_000);
    assert.equal(at(60_000).status, 200);
    assert.equal(at(60_001).status, 500);
    health.passEnded();
    assert.equal(at(61_001).status, 200);
    assert.equal(at(61_002).status, 500);
  });

  it('does not cut a pass short that may take less than the pause between two', () => {
    const { health, at } = onClock();
    health.passStarted(10);
    assert.equal(at(1_000).status, 200);
  });

  it('is fine while it shuts down', () => {
    const { health, at } = onClock();
    health.beat();
    health.shutDown();
    assert.equal(at(5_000).status, 200);
  });
});
