import assert from 'node:assert/strict';

/* As much of the API's types as the tests of docker/kubernetes look at. */

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export interface Workload extends KubeObject {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: {
        readonly labels: Readonly<Record<string, string>>;
        readonly annotations: Readonly<Record<string, string>>;
      };
      readonly spec: PodSpec;
    };
  };
}

export interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly enableServiceLinks: boolean;
  readonly hostNetwork?: boolean;
  readonly shareProcessNamespace?: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: {
    readonly runAsNonRoot: boolean;
    readonly runAsUser: number;
    readonly fsGroup: number;
    readonly seccompProfile: { readonly type: string };
  };
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string; readonly [type: string]: unknown }[];
  readonly topologySpreadConstraints?: readonly {
    readonly labelSelector: { readonly matchLabels: Readonly<Record<string, string>> };
  }[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly restartPolicy?: string;
  readonly env?: readonly Variable[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  readonly securityContext: {
    readonly allowPrivilegeEscalation: boolean;
    readonly readOnlyRootFilesystem: boolean;
    readonly capabilities: { readonly drop: readonly string[]; readonly add?: readonly string[] };
    readonly privileged?: boolean;
    readonly runAsUser?: number;
  };
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
}

export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string };
  readonly tcpSocket?: { readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

export interface Role extends KubeObject {
  readonly rules: readonly Rule[];
}

export interface Binding extends KubeObject {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}

export function ofKind(objects: readonly KubeObject[], ...kinds: readonly string[]): readonly KubeObject[] {
  return objects.filter(({ kind }) => kinds.includes(kind));
}

/** The one Deployment or DaemonSet. */
export function workloadOf(objects: readonly KubeObject[]): Workload {
  const [workload, ...others] = ofKind(objects, 'Deployment', 'DaemonSet');
  assert.ok(workload !== undefined && others.length === 0);
  return workload as Workload;
}

export function podOf(objects: readonly KubeObject[]): PodSpec {
  return workloadOf(objects).spec.template.spec;
}

export function containersOf({ initContainers, containers }: PodSpec): readonly Container[] {
  return [...initContainers, ...containers];
}

export function containerNamed(pod: PodSpec, name: string): Container {
  const found = containersOf(pod).find((container) => container.name === name);
  assert.ok(found !== undefined, `a container named ${name}`);
  return found;
}

/** What the fields of a pod are to be in these tests. */
const FIELDS: Readonly<Record<string, string>> = {
  'metadata.name': 'sluice-7d9c-x2x4',
  'metadata.namespace': 'edge',
  'status.podIP': 'fd00::7',
};

/** As the kubelet fills them in: fields of the pod, and `$(NAME)` for the variables before. */
export function environmentOf({ env }: Container): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const { name, value, valueFrom } of env ?? []) {
    const given = valueFrom === undefined ? value : FIELDS[valueFrom.fieldRef.fieldPath];
    assert.ok(given !== undefined, `a value for ${name}`);
    values[name] = given.replace(/\$\((\w+)\)/g, (whole, other: string) => values[other] ?? whole);
  }
  return values;
}
