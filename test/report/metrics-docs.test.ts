import assert from 'node:assert/strict';
import type { ApplyResult } from '../../src/model/outcome.ts';
import { adminRoutes } from '../../src/report/admin-server.ts';
import { Health } from '../../src/report/health.ts';
import { createMetrics } from '../../src/report/metrics.ts';
import { APPLY_LABELS } from '../../src/report/metrics-values.ts';
import { readPage } from '../support/docs.ts';
import { outcomeOf } from './support.ts';

const proxy = { name: 'nginx', version: '1.22.1', modules: [] };

function everything(): ReturnType<typeof createMetrics> {
  const metrics = createMetrics({ version: '0.1.0', proxy, drainingWorkers: () => Promise.resolve(1) });
  const result: ApplyResult = { type: 'applied', by: 'reload', generation: 1, changedFiles: [] };
  const diagnostics = [
    { severity: 'error', code: 'InvalidHost', object: undefined, field: '', location: undefined, message: '' },
  ] as const;
  const certificates = [{ secret: 'shop/tls', notAfter: 0 }];
  metrics.observe(
    outcomeOf({ result, diagnostics, certificates, objects: { Ingress: 1 }, timings: { check: 1 }, latencyMs: 1 }),
  );
  metrics.watchRestarted('ingresses', 'ended');
  metrics.watchSynced('ingresses', true);
  metrics.leads(true);
  return metrics;
}

/** `name type labels` of every metric of an exposition, labels as in the table. */
function exposed(text: string): readonly string[] {
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return types.map(([, name = '', type = '']) => {
    const suffix = type === 'histogram' ? '_count' : '';
    const labels = new RegExp(`^${name}${suffix}(?:\\{(.*)\\})? `, 'm').exec(text)?.[1] ?? '';
    return [name, type, ...[...labels.matchAll(/(\w+)="/g)].map(([, label]) => label)].join(' ');
  });
}

describe('docs/metrics.md', () => {
  it('has a row for every metric with its type and labels, and for no other', async () => {
    const page = await readPage('metrics.md');
    const rows = [...page.matchAll(/^\| `(\w+)` +\| (gauge|counter|histogram) +\| ([^|]*)\|/gm)];
    const documented = rows.map(([, name = '', type = '', labels = '']) =>
      [name, type, ...[...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label)].join(' '),
    );
    assert.deepEqual(documented.toSorted(), exposed(await everything().text()).toSorted());
  });

  it('has a row for every result of a pass', async () => {
    const rows = [...(await readPage('metrics.md')).matchAll(/^\| `(nothing|runtime|reload)` +\| `([\w-]+)`/gm)];
    assert.deepEqual(
      rows.map(([, kind, result]) => ({ kind, result })),
      APPLY_LABELS,
    );
  });

  it('alerts on metrics that there are', async () => {
    const [text, page] = [await everything().text(), await readPage('metrics.md')];
    const used = [...page.matchAll(/expr: .*$/gm)].flatMap(([expression]) => expression.match(/sluice_\w+/g) ?? []);
    assert.ok(used.length > 0);
    for (const name of used) assert.match(text, new RegExp(`^${name}[{ ]`, 'm'));
  });

  it('has a section for every path', async () => {
    const health = new Health({ now: () => 0, beatLimitMs: 1 });
    const paths = Object.keys(adminRoutes({ health, metrics: everything() }));
    const page = await readPage('metrics.md');
    const sections = [...page.matchAll(/^### `(\/\w+)`$/gm)].map(([, path]) => path);
    assert.deepEqual(
      sections,
      paths.filter((path) => path !== '/metrics'),
    );
    assert.match(page, /`\/metrics` for Prometheus/);
  });
});
