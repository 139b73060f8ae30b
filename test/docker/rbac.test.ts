import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseFlags, RUN_FLAGS } from '../../src/cli/flags.ts';
import { kindsOf } from '../../src/cli/sources.ts';
import type { Permission } from '../../src/model/permissions.ts';
import { EVENT_PERMISSIONS } from '../../src/report/cluster/events.ts';
import { LEASE_PERMISSIONS } from '../../src/report/cluster/lease.ts';
import { PUBLISH_PERMISSIONS } from '../../src/report/cluster/publish-address.ts';
import { STATUS_PERMISSIONS } from '../../src/report/cluster/status-write.ts';
import { RESOURCES, type Resource } from '../../src/sources/cluster/resources.ts';
import { build, KUBERNETES, OVERLAYS } from './kustomize.ts';
import { containerNamed, environmentOf, ofKind, podOf, type Binding, type KubeObject, type Role } from './objects.ts';

/** Where a role counts: everywhere, or in the namespace of sluice. */
type Reach = 'cluster' | 'namespace';

/** `cluster services list`. */
function grant(reach: Reach, group: string, resource: string, verb: string): string {
  return `${reach} ${group === '' ? resource : `${resource}.${group}`} ${verb}`;
}

/** A collection is listed, then watched; nothing is read one by one. */
const READ_VERBS = ['list', 'watch'] as const;

/** The kinds of which all are followed, and those that these refer to. */
function reads(objects: readonly KubeObject[]): readonly Permission[] {
  const values = valuesOf(objects);
  const referenced = Object.values(RESOURCES).filter(({ read }) => read === 'referenced');
  const followed = kindsOf(values).map((kind) => RESOURCES[kind]);
  return [...followed, ...referenced].map(({ group, plural, namespaced }: Resource) => ({
    group,
    resource: plural,
    verbs: READ_VERBS,
    scope: namespaced ? 'watched' : 'cluster',
  }));
}

/** With a Service to publish only that is looked up; without, the nodes of the pods are. */
function publishing(objects: readonly KubeObject[]): readonly Permission[] {
  const service = valuesOf(objects)['publish-service'];
  return PUBLISH_PERMISSIONS.filter(({ resource }) => (resource === 'services') === (service !== undefined));
}

function valuesOf(objects: readonly KubeObject[]) {
  const environment = environmentOf(containerNamed(podOf(objects), 'sluice'));
  const entries = Object.entries(environment).map(([name, value]): [string, string] => [
    name
      .replace(/^SLUICE_/, '')
      .toLowerCase()
      .replaceAll('_', '-'),
    value,
  ]);
  const parsed = parseFlags(RUN_FLAGS, Object.fromEntries(entries));
  assert.ok(parsed.ok);
  return parsed.values;
}

/** What the code does in an installation, as grants. */
function needed(objects: readonly KubeObject[]): readonly string[] {
  const watched: Reach = valuesOf(objects).namespaces.length === 0 ? 'cluster' : 'namespace';
  const reaches: Readonly<Record<Permission['scope'], Reach>> = { cluster: 'cluster', watched, own: 'namespace' };
  const all = [
    ...reads(objects),
    ...publishing(objects),
    ...LEASE_PERMISSIONS,
    ...STATUS_PERMISSIONS,
    ...EVENT_PERMISSIONS,
  ];
  const grants = all.flatMap(({ group, resource, verbs, scope }) =>
    verbs.map((verb) => grant(reaches[scope], group, resource, verb)),
  );
  return [...new Set(grants)].sort();
}

/** What the roles allow that are bound to the account of sluice; every grant once. */
function granted(objects: readonly KubeObject[]): readonly string[] {
  const bindings = ofKind(objects, 'RoleBinding', 'ClusterRoleBinding') as readonly Binding[];
  const roles = new Map(
    ofKind(objects, 'Role', 'ClusterRole').map((role) => [`${role.kind}/${role.metadata.name}`, role]),
  );
  assert.equal(bindings.length, roles.size);
  const grants = bindings.flatMap(({ kind, roleRef }) => {
    const reach = kind === 'ClusterRoleBinding' ? 'cluster' : 'namespace';
    const role = roles.get(`${roleRef.kind}/${roleRef.name}`) as Role | undefined;
    const rules = role?.rules ?? [];
    return rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => grant(reach, group, resource, verb))),
      ),
    );
  });
  assert.deepEqual(grants, [...new Set(grants)]);
  return grants.sort();
}

describe('the permissions in the Kubernetes manifests', () => {
  for (const overlay of OVERLAYS) {
    it(`are in ${overlay} what the code uses, and no more`, async () => {
      const { objects } = await build(overlay);
      assert.deepEqual(granted(objects), needed(objects));
    });
  }

  it('name the objects that are written one by one, where RBAC can', async () => {
    for (const overlay of OVERLAYS) {
      const { objects } = await build(overlay);
      const values = valuesOf(objects);
      const roles = ofKind(objects, 'Role') as readonly Role[];
      const named = roles.flatMap(({ rules }) => rules.flatMap(({ resourceNames }) => resourceNames ?? []));
      const service = values['publish-service'];
      assert.deepEqual(named, [values['lease-name'], ...(service === undefined ? [] : [service.name])]);
    }
  });

  it('have a commented rule for each kind that an option asks for', async () => {
    const text = await readFile(join(KUBERNETES, 'base', 'cluster-role.yaml'), 'utf8');
    const commented = [...text.matchAll(/^ *# {3}resources: \[(\w+)\]\n *# {3}verbs: \[list, watch\]$/gm)];
    const optional = Object.values(RESOURCES).filter(({ read }) => read === 'option');
    assert.deepEqual(
      commented.map(([, resource]) => resource).sort(),
      [...optional.map(({ plural }) => plural), 'namespaces'].sort(),
    );
  });
});
