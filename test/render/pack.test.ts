import assert from 'node:assert/strict';
import { PackError, parseManifest } from '../../src/render/pack.ts';

const OUTPUT = { path: 'out', template: 'out.hbs' };

const FAULTS: readonly { readonly name: string; readonly manifest?: unknown; readonly problem: RegExp }[] = [
  { name: 'no pack.json', problem: /^pack\.json:1:1: is missing/ },
  { name: 'text that is not JSON', manifest: '{', problem: /^pack\.json:1:2: not JSON: / },
  { name: 'a list', manifest: '[]', problem: /is not a JSON object$/ },
  { name: 'null', manifest: 'null', problem: /is not a JSON object$/ },
  { name: 'no format', manifest: {}, problem: /"format" must be 1$/ },
  { name: 'a newer format', manifest: { format: 2 }, problem: /"format" must be 1$/ },
  { name: 'no proxy', manifest: { format: 1 }, problem: /"proxy" must name the proxy$/ },
  { name: 'no outputs', manifest: { format: 1, proxy: 'x' }, problem: /"outputs" must list the files to render$/ },
  {
    name: 'an empty list of outputs',
    manifest: { format: 1, proxy: 'x', outputs: [] },
    problem: /"outputs" must list/,
  },
  { name: 'an output that is text', manifest: outputs('out'), problem: /"outputs\[0\]" is not an object$/ },
  {
    name: 'an unknown each',
    manifest: outputs(OUTPUT, { ...OUTPUT, each: 'route' }),
    problem: /"outputs\[1\]"\.each must be one of once, host, upstream, certificate, featured-route, file$/,
  },
  {
    name: 'a template that is not there',
    manifest: outputs({ ...OUTPUT, template: 'gone.hbs' }),
    problem: /"outputs\[0\]"\.template must name a file of the pack, not "gone\.hbs"$/,
  },
  { name: 'no template', manifest: outputs({ path: 'out' }), problem: /template must name a file of the pack/ },
  ...[undefined, 1, '', '/etc/passwd', '../out', 'a/../b', './out', 'a//b', 'a/', 'a b', 'a\nb', 'a\\b'].map(
    (path) => ({
      name: `the path ${path === undefined ? 'undefined' : JSON.stringify(path)}`,
      manifest: outputs({ ...OUTPUT, path }),
      problem: /"outputs\[0\]"\.path must be a relative path$/,
    }),
  ),
  {
    name: '{id} in the path of a file for all hosts',
    manifest: outputs({ ...OUTPUT, path: 'hosts/{id}.conf', each: 'host' }),
    problem: /path may hold \{id\} only with "each": "upstream", "certificate" or "file"$/,
  },
  {
    name: 'a secret that is no boolean',
    manifest: outputs({ ...OUTPUT, secret: 'yes' }),
    problem: /secret must be true or/,
  },
  {
    name: 'a stamp that is no boolean',
    manifest: outputs({ ...OUTPUT, stamp: 1 }),
    problem: /stamp must be true or false$/,
  },
  {
    name: 'a runtime that is no boolean',
    manifest: outputs({ ...OUTPUT, runtime: 'true' }),
    problem: /runtime must be true or false$/,
  },
];

function outputs(...list: readonly unknown[]): object {
  return { format: 1, proxy: 'test', outputs: list };
}

function parse(manifest: unknown): ReturnType<typeof parseManifest> {
  const files = new Map([['out.hbs', '']]);
  if (manifest !== undefined)
    files.set('pack.json', typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  return parseManifest(files);
}

describe('pack.json', () => {
  for (const { name, manifest, problem } of FAULTS) {
    it(`is refused with ${name}`, () => {
      assert.throws(
        () => parse(manifest),
        (error) => error instanceof PackError && problem.test(error.message),
      );
    });
  }

  it('has defaults for all but path and template', () => {
    const [output] = parse(outputs(OUTPUT)).outputs;
    assert.deepEqual(output, {
      ...OUTPUT,
      each: 'once',
      secret: false,
      stamp: false,
      workers: false,
      featured: false,
      runtime: false,
    });
  });

  it('may name a file of its own for each certificate or upstream', () => {
    const item = { path: 'certs/{id}.pem', template: 'out.hbs', each: 'certificate', secret: true, runtime: true };
    assert.deepEqual(parse(outputs(item)).outputs, [{ ...item, stamp: false, workers: false, featured: false }]);
  });
});
