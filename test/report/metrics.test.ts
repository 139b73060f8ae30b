import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Diagnostic, Severity } from '../../src/model/diagnostics.ts';
import type { ApplyResult, Outcome } from '../../src/model/outcome.ts';
import { createMetrics, type Metrics, type MetricsOptions } from '../../src/report/metrics.ts';
import { outcomeOf } from './support.ts';

const proxy = { name: 'nginx', version: '1.22.1', modules: [] };
const NOW = 1_700_000_000_000;

function metricsWith(options: Partial<MetricsOptions> = {}): Metrics {
  const drainingWorkers = () => Promise.resolve(undefined);
  return createMetrics({ version: '0.1.0', proxy, drainingWorkers, now: () => NOW, ...options });
}

/** Samples of a metric: `name{labels} value`, without its name. */
async function samples(metrics: Metrics, name: string): Promise<readonly string[]> {
  const lines = (await metrics.text()).split('\n');
  return lines
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => line.slice(name.length));
}

function diagnostic(severity: Severity, code: string): Diagnostic {
  const object = { kind: 'Ingress', namespace: 'shop', name: 'web' } as const;
  return { severity, code, object, field: 'spec.rules[0].host', location: undefined, message: 'secret.example.com' };
}

describe('metrics', () => {
  it('tell what was built, and for which proxy', async () => {
    const labels = '{version="0.1.0",proxy="nginx",proxy_version="1.22.1"}';
    assert.deepEqual(await samples(metricsWith(), 'sluice_build_info'), [`${labels} 1`]);
  });

  const gauges: readonly {
    readonly name: string;
    readonly outcome: Partial<Outcome>;
    readonly want: readonly string[];
  }[] = [
    {
      name: 'sluice_objects',
      outcome: { objects: { Ingress: 2, Service: 5 } },
      want: ['{kind="Ingress"} 2', '{kind="Service"} 5'],
    },
    {
      name: 'sluice_ingresses',
      outcome: { ingresses: [{ namespace: 'shop', name: 'web', uid: '' }] },
      want: [' 1'],
    },
    { name: 'sluice_hosts', outcome: { counts: { hosts: 7, routes: 8, upstreams: 9 } }, want: [' 7'] },
    { name: 'sluice_routes', outcome: { counts: { hosts: 7, routes: 8, upstreams: 9 } }, want: [' 8'] },
    { name: 'sluice_upstreams', outcome: { counts: { hosts: 7, routes: 8, upstreams: 9 } }, want: [' 9'] },
    {
      name: 'sluice_diagnostics',
      outcome: {
        diagnostics: [
          diagnostic('error', 'InvalidHost'),
          diagnostic('warning', 'PathConflict'),
          diagnostic('error', 'InvalidHost'),
        ],
      },
      want: ['{code="InvalidHost",severity="error"} 2', '{code="PathConflict",severity="warning"} 1'],
    },
    {
      name: 'sluice_certificate_not_after_timestamp_seconds',
      outcome: { certificates: [{ secret: 'shop/tls', notAfter: 1_800_000_000_000 }] },
      want: ['{secret="shop/tls"} 1800000000'],
    },
  ];
  for (const { name, outcome, want } of gauges) {
    it(`count ${name} of the last pass`, async () => {
      const metrics = metricsWith();
      metrics.observe(outcomeOf(outcome));
      assert.deepEqual(await samples(metrics, name), want);
    });
  }

  it('forget kinds, codes and certificates that are gone', async () => {
    const metrics = metricsWith();
    const certificates = [{ secret: 'shop/tls', notAfter: NOW }];
    const diagnostics = [diagnostic('error', 'InvalidHost')];
    metrics.observe(outcomeOf({ objects: { Ingress: 1 }, diagnostics, certificates }));
    metrics.observe(outcomeOf({}));
    assert.deepEqual(await samples(metrics, 'sluice_objects'), []);
    assert.deepEqual(await samples(metrics, 'sluice_diagnostics'), []);
    assert.deepEqual(await samples(metrics, 'sluice_certificate_not_after_timestamp_seconds'), []);
  });

  it('never name a host', async () => {
    const metrics = metricsWith();
    metrics.observe(outcomeOf({ diagnostics: [diagnostic('error', 'InvalidHost')] }));
    assert.doesNotMatch(await metrics.text(), /example/);
  });

  const results: readonly {
    readonly result: ApplyResult;
    readonly kind: string;
    readonly generation: readonly string[];
    readonly isSuccess: boolean;
  }[] = [
    { result: { type: 'unchanged', generation: 4 }, kind: 'nothing', generation: [' 4'], isSuccess: true },
    {
      result: { type: 'applied', by: 'runtime', generation: 6, changedFiles: [] },
      kind: 'runtime',
      generation: [' 6'],
      isSuccess: true,
    },
    {
      result: { type: 'applied', by: 'reload', generation: 5, changedFiles: [] },
      kind: 'reload',
      generation: [' 5'],
      isSuccess: true,
    },
    { result: { type: 'refused', message: 'no', places: [] }, kind: 'reload', generation: [], isSuccess: false },
    { result: { type: 'failed', message: 'no' }, kind: 'reload', generation: [], isSuccess: false },
    {
      result: { type: 'rolled-back', message: 'no', generation: 3 },
      kind: 'reload',
      generation: [' 3'],
      isSuccess: false,
    },
    {
      result: { type: 'unacknowledged', message: 'no', generation: 6 },
      kind: 'reload',
      generation: [],
      isSuccess: false,
    },
  ];
  for (const { result, kind, generation, isSuccess } of results) {
    it(`count a pass of the kind ${kind} that was ${result.type}`, async () => {
      const metrics = metricsWith();
      assert.deepEqual(await samples(metrics, 'sluice_last_apply_successful'), []);
      metrics.observe(outcomeOf({ result, latencyMs: 200 }));
      const counted = (await samples(metrics, 'sluice_applies_total')).filter((line) => !line.endsWith(' 0'));
      assert.deepEqual(counted, [`{kind="${kind}",result="${result.type}"} 1`]);
      assert.deepEqual(await samples(metrics, 'sluice_generation'), generation);
      assert.deepEqual(await samples(metrics, 'sluice_last_apply_successful'), [isSuccess ? ' 1' : ' 0']);
      const at = await samples(metrics, 'sluice_last_apply_success_timestamp_seconds');
      assert.deepEqual(at, isSuccess ? [` ${NOW / 1000}`] : []);
      const latencies = await samples(metrics, 'sluice_change_latency_seconds_count');
      assert.deepEqual(latencies, [result.type === 'applied' ? ' 1' : ' 0']);
    });
  }

  it('start every result at 0, so that the first failure is an increase', async () => {
    const lines = await samples(metricsWith(), 'sluice_applies_total');
    assert.equal(lines.length, results.length);
    for (const { kind, result } of results) {
      assert.ok(lines.includes(`{kind="${kind}",result="${result.type}"} 0`), result.type);
    }
  });

  it('measure in seconds', async () => {
    const metrics = metricsWith();
    const result: ApplyResult = { type: 'applied', by: 'reload', generation: 1, changedFiles: [] };
    metrics.observe(outcomeOf({ result, timings: { check: 250, reload: 2_000 }, latencyMs: 1_500 }));
    assert.deepEqual(await samples(metrics, 'sluice_stage_duration_seconds_sum'), [
      '{stage="check"} 0.25',
      '{stage="reload"} 2',
    ]);
    assert.deepEqual(await samples(metrics, 'sluice_change_latency_seconds_sum'), [' 1.5']);
  });

  it('leave the latency out of a pass that nothing had changed for', async () => {
    const metrics = metricsWith();
    const result: ApplyResult = { type: 'applied', by: 'reload', generation: 1, changedFiles: [] };
    metrics.observe(outcomeOf({ result }));
    assert.deepEqual(await samples(metrics, 'sluice_change_latency_seconds_count'), [' 0']);
  });

  const told: readonly (readonly [name: string, tell: (metrics: Metrics) => void, want: string])[] = [
    [
      'sluice_watch_restarts_total',
      (metrics) => metrics.watchRestarted('ingresses', 'expired'),
      '{kind="ingresses",reason="expired"} 1',
    ],
    ['sluice_watch_synced', (metrics) => metrics.watchSynced('ingresses', true), '{kind="ingresses"} 1'],
    ['sluice_watch_synced', (metrics) => metrics.watchSynced('ingresses', false), '{kind="ingresses"} 0'],
    ['sluice_leader', (metrics) => metrics.leads(true), ' 1'],
    ['sluice_leader', (metrics) => metrics.leads(false), ' 0'],
    ['sluice_events_written_total', (metrics) => metrics.eventWritten('Warning'), '{type="Warning"} 1'],
    ['sluice_status_writes_total', (metrics) => metrics.statusWritten('failed'), '{result="failed"} 1'],
  ];
  for (const [name, tell, want] of told) {
    it(`tell ${name}${want}`, async () => {
      const metrics = metricsWith();
      const before = await samples(metrics, name);
      assert.ok(!before.includes(want));
      tell(metrics);
      assert.ok((await samples(metrics, name)).includes(want));
    });
  }

  it('ask for draining workers at each scrape, and leave them out when nobody knows', async () => {
    const answers = [
      () => Promise.resolve(2),
      () => Promise.resolve(undefined),
      () => Promise.resolve(0),
      () => Promise.reject(new Error('gone')),
    ];
    const drainingWorkers = async (): Promise<number | undefined> => answers.shift()?.();
    const metrics = metricsWith({ drainingWorkers });
    for (const want of [[' 2'], [], [' 0'], []]) {
      assert.deepEqual(await samples(metrics, 'sluice_draining_workers'), want);
    }
  });

  it('tell what the process costs', async () => {
    const metrics = metricsWith();
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes']) {
      const [value = ''] = await samples(metrics, name);
      assert.ok(Number(value) > 0, name);
    }
    const [started = ''] = await samples(metrics, 'process_start_time_seconds');
    assert.ok(Number(started) * 1000 <= Date.now());
  });

  it('of two instances share nothing', async () => {
    const [one, other] = [metricsWith(), metricsWith()];
    one.eventWritten('Normal');
    assert.ok((await samples(other, 'sluice_events_written_total')).includes('{type="Normal"} 0'));
  });

  it('do not keep the process alive', () => {
    const module = join(import.meta.dirname, '../../src/report/metrics.ts');
    const script = `const { createMetrics } = await import(${JSON.stringify(module)});
      const metrics = createMetrics({ version: '1', proxy: ${JSON.stringify(proxy)}, drainingWorkers: async () => 1 });
      process.stdout.write(await metrics.text());`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 9_000,
    });
    assert.equal(child.status, 0, child.stderr);
    assert.match(child.stdout, /^sluice_draining_workers 1$/m);
  });
});
