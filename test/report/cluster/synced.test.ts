import assert from 'node:assert/strict';
import { applied, stage } from './event-stage.ts';
import { identityOf, ingressRef, problemOf } from './support.ts';

const WEB = ingressRef('web');

describe('Synced', () => {
  it(
    'is told for the first acknowledged generation, once',
    stage(async (one) => {
      await one.observe([], [identityOf('web')], { type: 'refused', message: 'no', places: [] });
      await one.observe([], [identityOf('web')], { type: 'unacknowledged', message: 'no', generation: 3 });
      assert.deepEqual(one.events, []);
      await one.observe([], [identityOf('web')], applied(4));
      await one.observe([], [identityOf('web')], applied(5));
      await one.observe([], [identityOf('web'), identityOf('late')], { type: 'unchanged', generation: 5 });
      assert.deepEqual(one.events, [
        'Synced: the proxy serves it, as of generation 4',
        'Synced: the proxy serves it, as of generation 5',
      ]);
      assert.deepEqual(
        one.stored.map((event) => event['type']),
        ['Normal', 'Normal'],
      );
    }),
  );

  it(
    'is not told while an error is left, and told when it has cleared',
    stage(async (one) => {
      await one.observe([problemOf(WEB)], [identityOf('web')], applied(1));
      assert.deepEqual(one.events, ['InvalidHost: spec.rules[0].host: is wrong']);
      await one.observe([], [identityOf('web')], applied(2));
      assert.deepEqual(one.events.slice(1), ['Synced: the proxy serves it, as of generation 2']);
      await one.observe([problemOf(WEB)], [identityOf('web')], applied(3));
      await one.observe([], [identityOf('web')], applied(4));
      assert.deepEqual(one.events.slice(2), ['Synced: the proxy serves it, as of generation 4']);
    }),
  );

  it(
    'is told when warnings change, which do not stop an Ingress from being served',
    stage(async (one) => {
      const warning = { severity: 'warning', code: 'PathConflict' } as const;
      await one.observe([problemOf(WEB, warning)], [identityOf('web')], applied(1));
      await one.observe([problemOf(WEB, { ...warning, message: 'differs' })], [identityOf('web')], applied(2));
      assert.equal(one.events.filter((text) => text.startsWith('Synced')).length, 2);
    }),
  );

  it(
    'is not told of an Ingress without uid',
    stage(async (one) => {
      await one.observe([], [{ ...identityOf('web'), uid: '' }]);
      assert.deepEqual(one.writes, []);
    }),
  );
});
