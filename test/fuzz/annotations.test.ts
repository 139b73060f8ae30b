import assert from 'node:assert/strict';
import { formatDiagnostic } from '../../src/model/diagnostics.ts';
import type { KubernetesObject } from '../../src/model/objects.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { runsOn } from '../behaviour/run.ts';
import { TABLES } from '../behaviour/tables.ts';
import { treeOfBundle } from '../support/config-tree/bundle.ts';
import type { ConfigNode } from '../support/config-tree/node.ts';
import { aimedAt } from '../support/cases.ts';
import { casesByKey, commonObjects, objectsWith, type AnnotatedCase } from './annotated.ts';
import { FRAGMENTS } from './fragments.ts';
import { messagesOf } from './judge.ts';
import { checkWorld, fuzzTargets, type Target } from './proxies.ts';
import { FUZZ_OPTIONS, FUZZ_SETTINGS, worldOf } from './world.ts';

/** Texts in place of a value that works, at its end, or in its midst: each of them in one of these ways. */
function hostile(benign: string, turn: number): readonly string[] {
  const middle = Math.floor(benign.length / 2);
  const ways = [
    (text: string) => text,
    (text: string) => benign + text,
    (text: string) => benign.slice(0, middle) + text + benign.slice(middle),
  ];
  return FRAGMENTS.map((text, index) => (ways[(index + turn) % ways.length] ?? ways[0])?.(text) ?? text);
}

/** Where snippets are off, nothing of them would be tried. */
const LAX_OPTIONS = { ...FUZZ_OPTIONS, snippets: [{ namespace: '*', directives: [] }] };

function optionsFor({ name, version }: Target) {
  return aimedAt({ options: LAX_OPTIONS }, name, version).options;
}

/** Blocks whose rows are data, not directives. */
const TABLES_OF_NGINX: ReadonlySet<string> = new Set(['map', 'geo', 'split_clients']);

/** Names of directives with those that they are in: what a configuration is made of, whatever its values. */
function shapesOf(nodes: readonly ConfigNode[], within = ''): readonly string[] {
  return nodes.flatMap(({ name, args, children }) => {
    const own = `${within}/${name.startsWith('http-') || name === 'use' ? `${name} ${args[0] ?? ''}` : name}`;
    return TABLES_OF_NGINX.has(name) ? [own] : [own, ...shapesOf(children ?? [], own)];
  });
}

interface Written {
  /** Of everything but maps, whose rows are data. */
  readonly shapes: ReadonlySet<string>;
  /** Messages that are more than a line, and what grammars let through although templates cannot express it. */
  readonly problems: readonly string[];
}

function write(objects: readonly KubernetesObject[], target: Target): Written {
  const translation = createTranslator()(worldOf([...COMMON, ...objects]), optionsFor(target));
  const settings = { ...FUZZ_SETTINGS, ...translation.settings };
  const { bundle, diagnostics } = target.render(translation.model, settings);
  const files = [...treeOfBundle(target.name, bundle)].filter(([path]) => /\.(?:conf|cfg)$/.test(path));
  return {
    shapes: new Set(files.flatMap(([path, nodes]) => shapesOf(nodes, path))),
    problems: [...messagesOf(translation.diagnostics), ...diagnostics.map(formatDiagnostic)],
  };
}

const COMMON = commonObjects();
const CASES = TABLES.filter(
  ({ flags, objects, family }) => (flags === undefined || family === 'snippets') && objects === undefined,
).flatMap(({ cases }) => cases);

describe('hostile values of annotations', function () {
  this.timeout(240_000);
  let targets: readonly Target[] = [];
  before(async () => {
    targets = await fuzzTargets();
  });

  it('add no directive that values which work do not have, and every proxy takes all of them', () => {
    for (const [turn, target] of targets.entries()) {
      const own = casesByKey(
        CASES.filter((item) => runsOn(item, target)),
        1,
      );
      const known = vocabulary(own, target);
      const all: KubernetesObject[] = [];
      const found: string[] = [];
      for (const [place, item] of own.entries()) {
        const texts = hostile(item.benign, turn + place);
        const objects = texts.flatMap((text, index) =>
          objectsWith(item, text, { index: 10_000 + place * 1000 + index, target }),
        );
        const { shapes, problems } = write(objects, target);
        const strange = [...shapes].filter((shape) => !known.has(shape));
        found.push(
          ...[...strange, ...problems].map((text) => `${item.key} on ${target.name} ${target.version}: ${text}`),
        );
        all.push(...objects);
      }
      assert.deepEqual(found, []);
      const complaint = checkWorld(target, worldOf([...COMMON, ...all]), optionsFor(target));
      assert.equal(complaint.slice(0, 2000), '', `${target.name} ${target.version}`);
    }
  });
});

/** What the cases come to as they are, and each without one of its annotations. */
function vocabulary(own: readonly AnnotatedCase[], target: Target): ReadonlySet<string> {
  const all = casesByKey(
    CASES.filter((item) => runsOn(item, target)),
    Infinity,
  );
  const good = all.flatMap((item, index) => objectsWith(item, item.benign, { index, target }));
  const without = own.flatMap((item, index) => objectsWith(item, undefined, { index: 5000 + index, target }));
  return new Set([good, without].flatMap((objects) => [...write(objects, target).shapes]));
}
