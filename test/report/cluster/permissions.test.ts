import assert from 'node:assert/strict';
import type { Permission } from '../../../src/model/permissions.ts';
import { EVENT_PERMISSIONS } from '../../../src/report/cluster/events.ts';
import { LEASE_PERMISSIONS, LEASE_TIMING, runLeaderElection } from '../../../src/report/cluster/lease.ts';
import { publishAddresses, PUBLISH_PERMISSIONS } from '../../../src/report/cluster/publish-address.ts';
import { STATUS_PERMISSIONS } from '../../../src/report/cluster/status-write.ts';
import type { GrantRule } from '../../support/api-server/access.ts';
import { applied, Stage as EventStage } from './event-stage.ts';
import { OURS, Stage as StatusStage } from './status-stage.ts';
import { identityOf, ingressRef, problemOf, withScene, type Scene } from './support.ts';

function grant({ server }: Scene, permissions: readonly Permission[]): void {
  server.grant(permissions.map(({ group, resource, verbs, scope }) => ruleOf(group, resource, { verbs, scope })));
}

function ruleOf(group: string, resource: string, { verbs, scope }: Pick<Permission, 'verbs' | 'scope'>): GrantRule {
  const namespaces = scope === 'own' ? { namespaces: ['ingress'] } : {};
  return { apiGroups: [group], resources: [resource], verbs, ...namespaces };
}

describe('the permissions that are asked for are enough', () => {
  it('for the Lease', () =>
    withScene(async (scene) => {
      const { api, clock, logger, entries } = scene;
      grant(scene, LEASE_PERMISSIONS);
      const changes: boolean[] = [];
      const options = { api, namespace: 'ingress', name: 'sluice', identity: 'a', timing: LEASE_TIMING, clock, logger };
      const rest = {
        wallNow: () => new Date(),
        random: () => 0,
        onLeading: (isLeading: boolean) => changes.push(isLeading),
      };
      scene.start((signal) => runLeaderElection({ ...options, ...rest }, signal));
      await clock.advance(5_000);
      await scene.stop();
      assert.deepEqual(changes, [true, false]);
      assert.deepEqual(
        entries.filter(({ level }) => level === 'warn'),
        [],
      );
    }));

  it('for the status', () =>
    withScene(async (scene) => {
      const one = new StatusStage(scene);
      grant(scene, STATUS_PERMISSIONS);
      one.add('a');
      one.observe('a');
      await one.lead();
      assert.deepEqual(one.status('a'), OURS);
    }));

  it('for Events and their series', () =>
    withScene(async (scene) => {
      const one = new EventStage(scene);
      grant(scene, EVENT_PERMISSIONS);
      one.writer.setLeading(true);
      await one.observe([problemOf(ingressRef('web'))], [identityOf('b')], applied(1));
      await one.observe([]);
      await scene.clock.advance(600_000);
      await one.observe([problemOf(ingressRef('web'))]);
      assert.deepEqual([one.writes, one.warnings], [['POST', 'POST', 'PATCH'], []]);
    }));

  it('for the addresses', () =>
    withScene(async (scene) => {
      const { server, api } = scene;
      const metadata = { namespace: 'ingress', name: 'sluice', labels: { app: 'sluice' } };
      const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
      server.put({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: 'n' }, status: ready });
      const addresses = [{ type: 'InternalIP', address: '10.1.0.1' }];
      server.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, status: { addresses } });
      server.put({ apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: '10.0.0.9' } });
      grant(scene, PUBLISH_PERMISSIONS);
      const { signal } = new AbortController();
      const nothing = { addresses: [], service: undefined, pod: undefined, preferInternalIp: false };
      const ofNodes = await publishAddresses(api, { ...nothing, pod: metadata }, signal);
      const ofService = await publishAddresses(api, { ...nothing, service: metadata }, signal);
      assert.deepEqual([ofNodes.ok, ofService.ok], [true, true]);
    }));
});
