import fc from 'fast-check';
import { KINDS, type Kind } from '../../src/model/objects.ts';
import { FIELDS, put } from './corpus.ts';
import { FRAGMENTS } from './fragments.ts';
import { carrierOf, tlsData, type Raw } from './world.ts';

/** Objects that belong together, at least one of them hostile. */
export type Scenario = readonly Raw[];

/** The same scenarios for the same seed; `first` numbers their namespaces. */
export function generate(seed: number, count: number, first = 0): readonly Scenario[] {
  const made = fc.sample(scenario, { seed, numRuns: count });
  return made.map((make, index) => make(`hostile-${first + index}-n`));
}

type Change = (objects: readonly Raw[]) => readonly Raw[];

/** Characters that mean something, as a request would have them: plain, encoded, encoded in lower case, twice. */
const OCTETS = Array.from(` !"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~aZ0\n\r\t\0é\u2028\u202e`);
const octet = fc.constantFrom(...OCTETS);
const FORMS = ['plain', 'upper', 'lower', 'twice'] as const;
const encoded = fc.tuple(octet, fc.constantFrom(...FORMS)).map(([character, form]) => {
  const escape = [...Buffer.from(character, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const forms = { plain: character, upper: escape.toUpperCase(), lower: escape, twice: escape.replaceAll('%', '%25') };
  return forms[form];
});
const pathText = fc.array(encoded, { minLength: 1, maxLength: 6 }).map((parts) => `/${parts.join('')}`);

const fragment = fc.constantFrom(...FRAGMENTS);
const VALID = ['web', 'a.example', '/kept', '10.1.2.3', 'http', 'web-tls', 'Prefix', 'sluice', '8080'];

/** A fragment at a random place of something valid. */
const mixed = fc.tuple(fc.constantFrom(...VALID), fragment, fc.nat({ max: 10 })).map(([valid, bad, place]) => {
  return valid.slice(0, place) + bad + valid.slice(place);
});

const text = fc.oneof(
  { arbitrary: fragment, weight: 3 },
  { arbitrary: mixed, weight: 3 },
  { arbitrary: fc.tuple(fragment, fragment).map((parts) => parts.join('')), weight: 1 },
  { arbitrary: pathText, weight: 2 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 20 }), weight: 1 },
);

/** A text in one of the fields of the corpus. */
const planted: fc.Arbitrary<Change> = fc.tuple(fc.constantFrom(...FIELDS), text).map(
  ([field, value]) =>
    (objects) =>
      field.plant(objects, value),
);

/** Many paths of one host, whose spellings may be of one path, or of almost the same. */
const paths: fc.Arbitrary<Change> = fc
  .array(fc.tuple(pathText, fc.constantFrom('Exact', 'Prefix', 'ImplementationSpecific')), {
    minLength: 2,
    maxLength: 12,
  })
  .map((list) => {
    const backend = { service: { name: 'web', port: { number: 80 } } };
    const items = list.map(([path, pathType]) => ({ path, pathType, backend }));
    return (objects) => objects.map((object) => put(object, object['kind'] === 'Ingress' ? PATHS : 'unread', items));
  });
const PATHS = 'spec.rules[0].http.paths';

/** Any value at a place where there is one, or at none that is known. */
const retyped: fc.Arbitrary<Change> = fc
  .tuple(fc.nat(), fc.nat(), fc.oneof(fc.jsonValue({ maxDepth: 2 }), text, fc.constant(undefined)))
  .map(([which, place, value]) => (objects) => {
    const index = which % objects.length;
    return objects.map((object, at) => (at === index ? retype(object, place, value) : object));
  });

function retype(object: Raw, place: number, value: unknown): Raw {
  const all = placesOf(object);
  const path = all[place % all.length] ?? 'spec';
  return put(object, path, value);
}

function placesOf(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, item]) => placesOf(item, path === '' ? key : `${path}.${key}`));
  return path === '' ? inner : [path, ...inner];
}

/** A fragment within a text that is there. */
const spliced: fc.Arbitrary<Change> = fc
  .tuple(fc.nat(), fc.nat(), fc.nat({ max: 12 }), fragment)
  .map(([which, place, at, bad]) => (objects) => {
    const index = which % objects.length;
    return objects.map((object, number) => (number === index ? splice(object, place, { at, bad }) : object));
  });

function splice(object: Raw, place: number, { at, bad }: { readonly at: number; readonly bad: string }): Raw {
  const texts = textsOf(object).filter(([path]) => path !== 'kind' && path !== 'apiVersion');
  const [path, found] = texts[place % texts.length] ?? ['spec', ''];
  return put(object, path, found.slice(0, at) + bad + found.slice(at));
}

function textsOf(value: unknown, path = ''): readonly (readonly [path: string, text: string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, path === '' ? key : `${path}.${key}`));
}

/** A host that more than one of them names, or the host of all. */
const shared: fc.Arbitrary<Change> = fc
  .constantFrom('shared.example', '*.shared.example', 'a.shared.example', '')
  .map(
    (host) => (objects) =>
      objects.map((object) => (object['kind'] === 'Ingress' ? put(object, 'spec.rules[0].host', host) : object)),
  );

const WORDS = [
  'spec',
  'data',
  'subsets',
  'addresses',
  'ports',
  'port',
  'name',
  'endpoints',
  'rules',
  'tls',
  'http',
  'paths',
];
const MORE_WORDS = [
  'backend',
  'service',
  'number',
  'host',
  'hosts',
  'secretName',
  'path',
  'pathType',
  'labels',
  '__proto__',
];

/** An object of any kind that has no shape at all. */
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...WORDS, ...MORE_WORDS), tie('tree'), { maxKeys: 4 }),
  ),
}));
const shapeless: fc.Arbitrary<Change> = fc
  .tuple(
    fc.constantFrom(...(Object.keys(KINDS) as Kind[])),
    fc.dictionary(fc.constantFrom(...WORDS), tree, { maxKeys: 4 }),
  )
  .map(([kind, fields]) => (objects) => [
    ...objects,
    { ...fields, apiVersion: KINDS[kind] === '' ? 'v1' : `${KINDS[kind]}/v1`, kind, metadata: { name: 'shapeless' } },
  ]);

const change = fc.oneof(
  { arbitrary: planted, weight: 6 },
  { arbitrary: spliced, weight: 5 },
  { arbitrary: paths, weight: 2 },
  { arbitrary: retyped, weight: 3 },
  { arbitrary: shared, weight: 1 },
  { arbitrary: shapeless, weight: 1 },
);

const scenario = fc
  .tuple(fc.array(change, { minLength: 1, maxLength: 3 }), fc.integer({ min: 0, max: 7 }))
  .map(([changes, dice]) => (namespace: string): Scenario => {
    const carrier = carrierOf({ namespace, host: `${namespace}.test`, ...(dice === 0 && { tls: tlsData() }) });
    return changes.reduce((objects, apply) => apply(objects), carrier);
  });
