import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../src/model/objects.ts';
import type { TranslateOptions } from '../../src/model/options.ts';
import { backend, ingress, problemsOf, routesOf, rule, service, slice, translate, WEB } from './world.ts';

interface Case {
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  readonly options?: Partial<TranslateOptions>;
  /** Last route by host. */
  readonly last: Readonly<Record<string, string>>;
  readonly problems?: readonly string[];
}

const FALLBACK = [service('fallback'), slice('fallback', ['10.0.0.9'])];
const GLOBAL = { defaultBackend: { namespace: 'shop', name: 'fallback', port: { number: 80 } } } as const;
const RULES = ingress('web', { rules: [rule('h', '/a')] });

const CASES: readonly Case[] = [
  {
    name: 'is 404 when nobody names one',
    objects: [RULES, ...WEB],
    last: { '': 'prefix / → 404', h: 'prefix / → 404' },
  },
  {
    name: 'is of all hosts when the Ingress has no rules',
    objects: [RULES, ingress('all', { defaultBackend: backend('fallback') }), ...WEB, ...FALLBACK],
    last: { '': 'prefix / → shop_fallback_80', h: 'prefix / → shop_fallback_80' },
  },
  {
    name: 'is of its own hosts when the Ingress has rules',
    objects: [
      ingress('web', { defaultBackend: backend('fallback'), rules: [rule('h', '/a')] }),
      ingress('other', { rules: [rule('i', '/a')] }),
      ...WEB,
      ...FALLBACK,
    ],
    last: { '': 'prefix / → 404', h: 'prefix / → shop_fallback_80', i: 'prefix / → 404' },
  },
  {
    name: 'is of all hosts without rule when the Ingress has a rule without host',
    objects: [
      ingress('web', { defaultBackend: backend('fallback'), rules: [rule('', '/a')] }),
      ingress('other', { rules: [rule('h', '/a')] }),
      ...WEB,
      ...FALLBACK,
    ],
    last: { '': 'prefix / → shop_fallback_80', h: 'prefix / → 404' },
  },
  {
    name: 'never replaces a prefix / of a rule, whichever is older',
    objects: [
      ingress('a', { defaultBackend: backend('fallback'), rules: [rule('h', '/a')] }),
      ingress('b', { rules: [rule('h', '/')] }),
      ...WEB,
      ...FALLBACK,
    ],
    last: { h: 'prefix / → shop_web_80' },
  },
  {
    name: 'is that of the oldest Ingress of a host that has one',
    objects: [
      ingress('a', { rules: [rule('h', '/a')] }),
      ingress('b', { defaultBackend: backend('fallback'), rules: [rule('h', '/b')] }),
      ingress('c', { defaultBackend: backend('web'), rules: [rule('h', '/c')] }),
      ...WEB,
      ...FALLBACK,
    ],
    last: { h: 'prefix / → shop_fallback_80' },
  },
  {
    name: 'of all hosts is that of the oldest Ingress without rules, and the others are told',
    objects: [
      ingress('b', { defaultBackend: backend('web') }),
      ingress('a', { defaultBackend: backend('fallback') }),
      ...WEB,
      ...FALLBACK,
    ],
    last: { '': 'prefix / → shop_fallback_80' },
    problems: ['DefaultBackendConflict Ingress shop/b spec.defaultBackend'],
  },
  {
    name: 'is the Service of the flag',
    objects: [RULES, ...WEB, ...FALLBACK],
    options: GLOBAL,
    last: { '': 'prefix / → shop_fallback_80', h: 'prefix / → shop_fallback_80' },
  },
  {
    name: 'of an Ingress wins over the Service of the flag',
    objects: [ingress('all', { defaultBackend: backend('web') }), ...WEB, ...FALLBACK],
    options: GLOBAL,
    last: { '': 'prefix / → shop_web_80' },
  },
  {
    name: 'answers 503 when the Service of the flag does not exist, and says so',
    objects: [],
    options: GLOBAL,
    last: { '': 'prefix / → 503' },
    problems: ['ServiceMissing Service shop/fallback --default-backend'],
  },
  {
    name: 'answers 503 when the Service that an Ingress names does not exist, and says so once',
    objects: [ingress('all', { defaultBackend: backend('gone'), rules: [rule('h', '/a'), rule('i', '/a')] }), ...WEB],
    last: { h: 'prefix / → 503', i: 'prefix / → 503' },
    problems: ['ServiceMissing Ingress shop/all spec.defaultBackend'],
  },
  {
    name: 'that is a resource answers 404, as in ingress-nginx, and says so',
    objects: [ingress('all', { defaultBackend: { type: 'resource', kind: 'StorageBucket', name: 'assets' } })],
    last: { '': 'prefix / → 404' },
    problems: ['ResourceBackend Ingress shop/all spec.defaultBackend'],
  },
];

describe('the default backend', () => {
  for (const { name, objects, options = {}, last, problems = [] } of CASES) {
    it(name, () => {
      const translation = translate(objects, options);
      const found = Object.keys(last).map((host) => [host, routesOf(translation, host).at(-1)]);
      assert.deepEqual(Object.fromEntries(found), last);
      assert.deepEqual(problemsOf(translation), problems);
    });
  }
});
