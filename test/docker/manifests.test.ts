import assert from 'node:assert/strict';
import { environmentName, parseFlags, RUN_FLAGS, type ValuesOf } from '../../src/cli/flags.ts';
import { haproxyArguments } from '../../src/proxies/haproxy.ts';
import { nginxArguments } from '../../src/proxies/nginx.ts';
import { adminRoutes } from '../../src/report/admin-server.ts';
import { Health } from '../../src/report/health.ts';
import { createMetrics } from '../../src/report/metrics.ts';
import { build, buildEdited, OVERLAYS, type Overlay } from './kustomize.ts';
import {
  containerNamed,
  containersOf,
  environmentOf,
  ofKind,
  podOf,
  workloadOf,
  type Binding,
  type Container,
  type KubeObject,
  type Probe,
} from './objects.ts';

type RunValues = ValuesOf<typeof RUN_FLAGS>;

/** What sluice makes of its environment in a pod. */
function valuesOf(container: Container, proxy: 'nginx' | 'haproxy'): RunValues {
  const environment = environmentOf(container);
  const flags = new Map(Object.keys(RUN_FLAGS).map((name) => [environmentName(name), name]));
  const given: Record<string, string> = { proxy };
  for (const [name, value] of Object.entries(environment)) {
    const flag = flags.get(name);
    assert.ok(flag !== undefined, `a flag for ${name}`);
    given[flag] = value;
  }
  const parsed = parseFlags(RUN_FLAGS, given);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.problems.join('\n'));
  return parsed.values;
}

function probesOf({ startupProbe, readinessProbe, livenessProbe }: Container): readonly Probe[] {
  return [startupProbe, readinessProbe, livenessProbe].filter((probe) => probe !== undefined);
}

function proxyOf(overlay: Overlay): 'nginx' | 'haproxy' {
  return overlay === 'haproxy-sidecar' ? 'haproxy' : 'nginx';
}

/** A mount lies in the container's file system at all paths below it. */
function isMounted({ volumeMounts }: Container, path: string): boolean {
  return volumeMounts.some(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`));
}

describe('the Kubernetes manifests', () => {
  for (const overlay of OVERLAYS) {
    describe(overlay, () => {
      let objects: readonly KubeObject[] = [];
      let warnings = '';
      before(async () => {
        ({ objects, warnings } = await build(overlay));
      });

      it('builds without a warning, every object once', () => {
        assert.equal(warnings, '');
        const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
        assert.deepEqual(names, [...new Set(names)]);
      });

      it('keeps its objects in one namespace', () => {
        const global = ['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'IngressClass'];
        const own = objects.filter(({ kind }) => !global.includes(kind));
        assert.equal(new Set(own.map(({ metadata }) => metadata.namespace ?? 'none')).size, 1);
        for (const { metadata } of ofKind(objects, 'Namespace'))
          assert.equal(metadata.name, own[0]?.metadata.namespace);
      });

      it('confines both containers', () => {
        const pod = podOf(objects);
        assert.equal(pod.securityContext.runAsNonRoot, true);
        assert.equal(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
        for (const { securityContext, image } of containersOf(pod)) {
          assert.deepEqual(securityContext, {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
          assert.match(image, /^[a-z-]+:[0-9.]+$/);
        }
      });

      it('runs both containers as the user of the image of the proxy', () => {
        const { securityContext, shareProcessNamespace } = podOf(objects);
        const uid = proxyOf(overlay) === 'nginx' ? 101 : 99;
        const { runAsUser, fsGroup } = securityContext;
        assert.deepEqual({ runAsUser, fsGroup }, { runAsUser: uid, fsGroup: uid });
        assert.equal(shareProcessNamespace ?? false, proxyOf(overlay) === 'nginx');
      });

      it('gives a token to sluice, and none to the proxy', () => {
        const pod = podOf(objects);
        assert.equal(pod.automountServiceAccountToken, false);
        for (const account of ofKind(objects, 'ServiceAccount')) {
          assert.equal(account['automountServiceAccountToken'], false);
        }
        const withToken = pod.volumes.filter((volume) => JSON.stringify(volume).includes('serviceAccountToken'));
        const names = withToken.map(({ name }) => name);
        assert.equal(names.length, 1);
        const mounting = containersOf(pod).filter(({ volumeMounts }) =>
          volumeMounts.some(({ name }) => names.includes(name)),
        );
        assert.deepEqual(
          mounting.map(({ name, volumeMounts }) => [name, volumeMounts.find((mount) => names.includes(mount.name))]),
          [['sluice', { name: 'token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }]],
        );
      });

      it('starts the proxy when sluice has a configuration for it', () => {
        const pod = podOf(objects);
        const sluice = containerNamed(pod, 'sluice');
        assert.equal(pod.initContainers.at(-1), sluice);
        assert.equal(sluice.restartPolicy, 'Always');
        assert.equal(sluice.startupProbe?.httpGet?.path, '/startz');
      });

      it('sets only flags that sluice has, to values that it takes', () => {
        const sluice = containerNamed(podOf(objects), 'sluice');
        assert.deepEqual(sluice.args, ['run']);
        assert.equal(sluice.command, undefined);
        valuesOf(sluice, proxyOf(overlay));
        assert.equal(podOf(objects).enableServiceLinks, false);
      });

      it('probes paths that sluice serves, on ports that the container has', () => {
        const health = new Health({ now: () => 0, beatLimitMs: 1 });
        const proxy = { name: 'nginx', version: '1.30.0', modules: [] };
        const metrics = createMetrics({ version: '0', proxy, drainingWorkers: () => Promise.resolve(0) });
        const paths = new Set(Object.keys(adminRoutes({ health, metrics })));
        const pod = podOf(objects);
        for (const container of containersOf(pod)) {
          const ports = new Set(container.ports.map(({ name }) => name));
          for (const { httpGet, tcpSocket } of probesOf(container)) {
            assert.ok(httpGet === undefined || paths.has(httpGet.path));
            assert.ok(ports.has(httpGet?.port ?? tcpSocket?.port ?? ''));
          }
        }
        assert.ok(paths.has(workloadOf(objects).spec.template.metadata.annotations['prometheus.io/path'] ?? ''));
        assert.equal(probesOf(containerNamed(pod, 'sluice')).length, 3);
      });

      it('has the proxy and the admin server on the ports that are declared', () => {
        const pod = podOf(objects);
        const values = valuesOf(containerNamed(pod, 'sluice'), proxyOf(overlay));
        assert.deepEqual(containerNamed(pod, 'proxy').ports, [
          { name: 'http', containerPort: values['http-port'] },
          { name: 'https', containerPort: values['https-port'] },
        ]);
        assert.deepEqual(containerNamed(pod, 'sluice').ports, [{ name: 'admin', containerPort: values['admin-port'] }]);
        const { annotations } = workloadOf(objects).spec.template.metadata;
        assert.equal(annotations['prometheus.io/port'], String(values['admin-port']));
        assert.equal(values['admin-address'], '[fd00::7]');
      });

      it('has a Service whose ports are those that clients and redirects know', () => {
        const values = valuesOf(containerNamed(podOf(objects), 'sluice'), proxyOf(overlay));
        const services = ofKind(objects, 'Service');
        assert.equal(services.length, overlay === 'daemonset-hostnetwork' ? 0 : 1);
        for (const { spec, metadata } of services) {
          const { ports } = spec as { readonly ports: unknown };
          assert.deepEqual(ports, [
            { name: 'http', port: values['public-http-port'], targetPort: 'http' },
            { name: 'https', port: values['public-https-port'], targetPort: 'https' },
          ]);
          assert.deepEqual(values['publish-service'], { namespace: 'edge', name: metadata.name });
        }
      });

      it('starts the proxy as sluice itself would', () => {
        const pod = podOf(objects);
        const values = valuesOf(containerNamed(pod, 'sluice'), proxyOf(overlay));
        const config = values['config-dir'];
        const runDirectory = `${config}/run`;
        const pidFile = `${runDirectory}/haproxy.pid`;
        const nginx = ['nginx', ...nginxArguments(config, runDirectory)];
        const haproxy = ['haproxy', ...haproxyArguments(config, { pidFile, runDirectory })];
        assert.deepEqual(containerNamed(pod, 'proxy').command, proxyOf(overlay) === 'nginx' ? nginx : haproxy);
      });

      it('mounts volumes that are there, and the directories of sluice in both containers', () => {
        const pod = podOf(objects);
        const { 'config-dir': config } = valuesOf(containerNamed(pod, 'sluice'), proxyOf(overlay));
        const volumes = new Set(pod.volumes.map(({ name }) => name));
        const used = new Set<string>();
        for (const container of containersOf(pod)) {
          assert.ok(isMounted(container, config) && isMounted(container, `${config}/run`));
          for (const { name } of container.volumeMounts) used.add(name);
        }
        assert.deepEqual([...used].sort(), [...volumes].sort());
        const { volumeMounts } = containerNamed(pod, 'proxy');
        assert.deepEqual(
          volumeMounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath),
          [`${config}/run`],
        );
      });

      it('leaves time to drain before the pod is killed', () => {
        const pod = podOf(objects);
        const { 'worker-shutdown-timeout': drain } = valuesOf(containerNamed(pod, 'sluice'), proxyOf(overlay));
        const [program, pause] = containerNamed(pod, 'proxy').lifecycle?.preStop.exec.command ?? [];
        assert.equal(program, 'sleep');
        assert.ok(pod.terminationGracePeriodSeconds > Number(pause) + drain);
      });

      it('requests memory and CPU for both containers', () => {
        for (const { resources } of containersOf(podOf(objects))) {
          assert.deepEqual(Object.keys(resources.requests).sort(), ['cpu', 'memory']);
          assert.deepEqual(Object.keys(resources.limits), ['memory']);
        }
      });

      it('selects its own pods', () => {
        const { selector, template } = workloadOf(objects).spec;
        const { labels } = template.metadata;
        const budgets = ofKind(objects, 'PodDisruptionBudget').map(
          ({ spec }) => (spec as { readonly selector: typeof selector }).selector,
        );
        const services = ofKind(objects, 'Service').map(({ spec }) => ({
          matchLabels: (spec as { readonly selector: typeof labels }).selector,
        }));
        const spreads = podOf(objects).topologySpreadConstraints?.map(({ labelSelector }) => labelSelector) ?? [];
        for (const { matchLabels } of [selector, ...budgets, ...services, ...spreads]) {
          assert.notDeepEqual(matchLabels, {});
          for (const [key, value] of Object.entries(matchLabels)) assert.equal(labels[key], value);
        }
      });

      it('refers to accounts and roles that are there', () => {
        const names = new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
        const namespace = workloadOf(objects).metadata.namespace;
        assert.ok(names.has(`ServiceAccount/${podOf(objects).serviceAccountName}`));
        for (const binding of ofKind(objects, 'RoleBinding', 'ClusterRoleBinding')) {
          const { roleRef, subjects } = binding as Binding;
          assert.ok(names.has(`${roleRef.kind}/${roleRef.name}`));
          assert.deepEqual(subjects, [{ kind: 'ServiceAccount', name: 'sluice', namespace }]);
        }
      });

      it('has the class that sluice looks for, where it looks for one', () => {
        const sluice = containerNamed(podOf(objects), 'sluice');
        const values = valuesOf(sluice, proxyOf(overlay));
        const classes = ofKind(objects, 'IngressClass');
        assert.equal(classes.length, values['watch-ingress-class'] ? 1 : 0);
        for (const { metadata, spec } of classes) {
          assert.equal(metadata.name, values['ingress-class']);
          assert.deepEqual(spec, { controller: values['controller-name'] });
        }
      });
    });
  }

  it('confine sluice to its namespace in the overlay namespaced, and create nothing outside of it', async () => {
    const { objects } = await build('namespaced');
    const values = valuesOf(containerNamed(podOf(objects), 'sluice'), 'nginx');
    assert.deepEqual(values.namespaces, ['edge']);
    assert.equal(values['class-by-name'], 'true');
    const global = ['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'IngressClass'];
    assert.deepEqual(ofKind(objects, ...global), []);
  });

  it('use the network of the host only in daemonset-hostnetwork, and allow it there', async () => {
    for (const overlay of OVERLAYS) {
      const { objects } = await build(overlay);
      const isHost = overlay === 'daemonset-hostnetwork';
      assert.equal(podOf(objects).hostNetwork ?? false, isHost);
      for (const { metadata } of ofKind(objects, 'Namespace')) {
        const level = metadata.labels?.['pod-security.kubernetes.io/enforce'];
        assert.equal(level, isHost ? 'privileged' : 'restricted');
      }
    }
  });

  it('have the sysctl of the node set before sluice starts, where that patch is asked for', async () => {
    const uncomment = (text: string) => text.replace(/# (- path: node-sysctl.yaml\n +)# /, '$1');
    const { objects } = await buildEdited('daemonset-hostnetwork', uncomment);
    const [first, second] = podOf(objects).initContainers;
    assert.deepEqual([first?.name, second?.name], ['unprivileged-ports', 'sluice']);
    assert.equal(first?.securityContext.privileged, true);
  });

  for (const overlay of ['namespaced', 'daemonset-hostnetwork'] as const) {
    it(`make ${overlay} one with HAProxy by one word`, async () => {
      const { objects } = await buildEdited(overlay, (text) =>
        text.replace('- ../nginx-sidecar', '- ../haproxy-sidecar'),
      );
      const pod = podOf(objects);
      assert.equal(containerNamed(pod, 'proxy').command?.[0], 'haproxy');
      assert.equal(pod.shareProcessNamespace, undefined);
      valuesOf(containerNamed(pod, 'sluice'), 'haproxy');
    });
  }
});
