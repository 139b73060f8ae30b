import type { KubernetesObject } from '../../src/model/objects.ts';
import type { BackendName, BehaviourCase } from '../behaviour/case.ts';
import type { Backend } from '../support/backend.ts';
import { ingress, service, tlsSecret } from '../support/manifests.ts';
import { makeCertificate } from '../support/certificates.ts';
import { decodeAll } from './world.ts';
import type { Target } from './proxies.ts';

/*
 * Ingresses with annotations, of the cases that prove what each key does: so every key comes with a value that works, and
 * with the objects that it refers to.
 */

const PREFIX = 'nginx.ingress.kubernetes.io/';

/** One key in an Ingress where it has its effect. */
export interface AnnotatedCase {
  readonly key: string;
  readonly item: BehaviourCase;
  readonly benign: string;
}

/** The first cases of each key, at most so many. */
export function casesByKey(cases: readonly BehaviourCase[], most: number): readonly AnnotatedCase[] {
  const found: AnnotatedCase[] = [];
  const counts = new Map<string, number>();
  for (const item of cases) {
    for (const [key, benign] of Object.entries(item.annotations ?? {})) {
      const count = counts.get(key) ?? 0;
      if (count < most && benign !== '') found.push({ key, item, benign });
      counts.set(key, count + 1);
    }
  }
  return found;
}

/** Objects of a case in a namespace of its own, with other annotations than it has; `undefined` takes the key away. */
export function objectsWith(
  { item, key }: AnnotatedCase,
  value: string | undefined,
  { index, target }: { readonly index: number; readonly target: Target },
): readonly KubernetesObject[] {
  const host = `annotated-${index}.test`;
  const annotations = Object.entries({ ...item.annotations, [key]: value }).flatMap(([name, text]) =>
    text === undefined ? [] : [[PREFIX + name, text] as const],
  );
  const { paths = [{ path: '/', service: 'alpha' }], tls = false } = item;
  const main = { name: `annotated-${index}`, rules: [{ host, paths }], annotations: Object.fromEntries(annotations) };
  const secured = tls ? { ...main, tls: [{ hosts: [host], secretName: 'annotated-tls' }] } : main;
  const world = { host, backends: BACKENDS, proxy: target.name, version: target.version };
  return decodeAll([ingress(secured), ...(item.objects?.(world) ?? [])]).objects;
}

/** What all of them refer to. */
export function commonObjects(): readonly KubernetesObject[] {
  const pair = makeCertificate({ names: ['*.test'], days: 3650 });
  const services = NAMES.flatMap((name) => service(name, [8080]));
  return decodeAll([...services, ...service('empty', []), tlsSecret('annotated-tls', pair)]).objects;
}

const NAMES: readonly BackendName[] = ['alpha', 'beta', 'gamma'];

function fakeBackend(name: BackendName): Backend {
  return { name, port: 8080, seen: [], close: () => Promise.resolve() };
}

const BACKENDS = { alpha: fakeBackend('alpha'), beta: fakeBackend('beta'), gamma: fakeBackend('gamma') };
