import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../src/model/objects.ts';
import type { TranslateOptions } from '../../src/model/options.ts';
import { ingress, ingressClass, rule, translate } from './world.ts';

const OURS = ingressClass('sluice', 'sluice.dev/ingress-controller');
const SECOND = ingressClass('internal', 'sluice.dev/ingress-controller');
const OTHER = ingressClass('traefik', 'traefik.io/ingress-controller');
const OUR_DEFAULT = ingressClass('sluice', 'sluice.dev/ingress-controller', true);
const OTHER_DEFAULT = ingressClass('traefik', 'traefik.io/ingress-controller', true);
const STOLEN = ingressClass('sluice', 'traefik.io/ingress-controller');
/** A cluster, where claiming without an IngressClass is off. */
const STRICT: Partial<TranslateOptions> = { claimByName: false, claimWithoutClass: false };

interface Case {
  readonly name: string;
  readonly className?: string;
  readonly annotation?: string;
  readonly classes?: readonly KubernetesObject[];
  readonly options?: Partial<TranslateOptions>;
  /** Why the Ingress is not ours; `undefined`: it is. */
  readonly reason?: RegExp;
}

const CASES: readonly Case[] = [
  { name: 'takes an Ingress whose class is of our controller', className: 'sluice', classes: [OURS, OTHER] },
  { name: 'takes it by any class of our controller', className: 'internal', classes: [OURS, SECOND], options: STRICT },
  {
    name: 'leaves an Ingress of another controller',
    className: 'traefik',
    classes: [OURS, OTHER],
    reason: /^its class traefik belongs to traefik\.io\/ingress-controller$/,
  },
  {
    name: 'looks at the controller of a class, not at its name',
    className: 'sluice',
    classes: [STOLEN],
    reason: /belongs to traefik\.io/,
  },
  { name: 'takes our class name without an IngressClass when it reads files', className: 'sluice' },
  {
    name: 'leaves our class name without an IngressClass in a cluster',
    className: 'sluice',
    options: STRICT,
    reason: /no such IngressClass/,
  },
  { name: 'leaves a class that does not exist', className: 'nginx', reason: /no such IngressClass/ },
  {
    name: 'follows the controller name that a flag sets',
    className: 'nginx',
    classes: [ingressClass('nginx', 'k8s.io/ingress-nginx')],
    options: { ...STRICT, controllerName: 'k8s.io/ingress-nginx' },
  },
  { name: 'takes an Ingress without class when a default class is ours', classes: [OUR_DEFAULT], options: STRICT },
  {
    name: 'takes it when ours is one of several default classes',
    classes: [OTHER_DEFAULT, OUR_DEFAULT],
    options: STRICT,
  },
  {
    name: 'leaves an Ingress without class when the default class is of another controller',
    classes: [OURS, OTHER_DEFAULT],
    options: STRICT,
    reason: /names no class/,
  },
  {
    name: 'leaves an Ingress without class when no class is default',
    classes: [OURS],
    options: STRICT,
    reason: /names no class/,
  },
  { name: 'takes an Ingress without class when it reads files' },
  {
    name: 'never gives the default class to an Ingress that names one',
    className: 'traefik',
    classes: [OUR_DEFAULT, OTHER],
    reason: /belongs to traefik/,
  },
  { name: 'takes an Ingress by the class annotation', annotation: 'sluice', options: STRICT },
  {
    name: 'leaves an Ingress with the class annotation of another controller',
    annotation: 'nginx',
    classes: [OUR_DEFAULT],
    reason: /^its class annotation is nginx$/,
  },
  {
    name: 'tells a class that is no name in quotes, on one line',
    annotation: 'x\nerror everything is fine\u202e',
    reason: /^its class annotation is "x\\nerror everything is fine\\u202e"$/,
  },
  {
    name: 'tells the controller of a class in quotes when it is no name',
    className: 'traefik',
    classes: [ingressClass('traefik', 'a b;\u001b[2J')],
    reason: /^its class traefik belongs to "a b;\\u001b\[2J"$/,
  },
  {
    name: 'prefers the annotation to the field',
    annotation: 'sluice',
    className: 'traefik',
    classes: [OTHER],
    options: STRICT,
  },
  { name: 'does not take an empty annotation for a class', annotation: '', className: 'sluice', classes: [OURS] },
];

describe('the claim to an Ingress', () => {
  for (const { name, className, annotation, classes = [], options = {}, reason } of CASES) {
    it(name, () => {
      const annotations: Record<string, string> =
        annotation === undefined ? {} : { 'kubernetes.io/ingress.class': annotation };
      const item = ingress('web', { ingressClassName: className, annotations, rules: [rule('a.example.com', '/')] });
      const { model, ignored, diagnostics } = translate([item, ...classes], options);
      const isServed = model.hosts.some((host) => host.name === 'a.example.com');
      assert.equal(isServed, reason === undefined);
      if (reason === undefined) assert.deepEqual(ignored, []);
      else assert.match(ignored[0]?.reason ?? '', reason);
      if (reason !== undefined) assert.deepEqual(diagnostics, [], 'what is not ours is not ours to criticise');
    });
  }

  it('leaves an Ingress with a default backend where that is switched off, whether it has rules or not', () => {
    const defaultBackend = { type: 'service', name: 'web', port: { number: 80 } } as const;
    const rules = [rule('a.example.com', '/')];
    const items = [
      ingress('all', { defaultBackend }),
      ingress('both', { defaultBackend, rules }),
      ingress('rules', { rules: [rule('b.example.com', '/')] }),
    ];
    const { model, ignored } = translate(items, { claimCatchAll: false });
    assert.deepEqual(
      model.hosts.map(({ name }) => name),
      ['', 'b.example.com'],
    );
    assert.deepEqual(model.hosts[0]?.routes[0]?.target, { type: 'status', status: 404 });
    assert.deepEqual(
      ignored.map(({ object }) => object.name),
      ['all', 'both'],
    );
    assert.match(ignored[0]?.reason ?? '', /default backend/);
  });
});
