import assert from 'node:assert/strict';
import { LivePack } from '../../src/cli/loop/live-pack.ts';
import { formatDiagnostic } from '../../src/model/diagnostics.ts';
import type { ApplyResult } from '../../src/model/outcome.ts';
import type { Renderer } from '../../src/render/render.ts';
import { host, modelOf, packOf, rendererOf } from '../render/packs.ts';
import { SETTINGS } from '../support/objects.ts';

const APPLIED: ApplyResult = { type: 'applied', by: 'reload', generation: 1, changedFiles: [] };
const REFUSED: ApplyResult = { type: 'refused', message: 'no good', places: [] };
const MODEL = modelOf({ hosts: [host(''), host('a'), host('b')] });
const LEFT = 'the last good templates stay in force';

const renders = (template: string): Renderer => rendererOf(packOf(template));
const perHost = (template: string): Renderer => rendererOf(packOf(template, {}, 'host'));

describe('templates in force', () => {
  let reported: readonly string[];
  let changes: number;
  let live: LivePack;
  const text = () => live.render(MODEL, SETTINGS).bundle.files.get('out')?.text;

  beforeEach(() => {
    [reported, changes] = [[], 0];
    live = new LivePack(renders('one'), {
      directory: 'my',
      report: (diagnostics) => (reported = diagnostics.map(formatDiagnostic)),
      onChange: () => (changes += 1),
    });
  });

  it('are those of the last offer that the proxy took', () => {
    live.offer(renders('two'));
    assert.equal(changes, 1);
    assert.equal(text(), 'two');
    live.settle(APPLIED);
    live.offer(renders('three'));
    assert.equal(text(), 'three');
    live.settle(REFUSED);
    assert.deepEqual(reported, [`error InvalidPack my:1:1: the proxy refuses what they render: no good; ${LEFT}`]);
    assert.equal(changes, 3);
    assert.equal(text(), 'two');
  });

  it('stay when an offer cannot be loaded, even while an earlier one is on its way to the proxy', () => {
    live.offer(renders('two'));
    assert.equal(text(), 'two');
    live.refuse([{ file: 'my/a.hbs', line: 2, column: 3, message: 'bad' }]);
    assert.deepEqual(reported, [`error InvalidPack my/a.hbs:2:3: bad; ${LEFT}`]);
    live.settle(APPLIED);
    assert.equal(text(), 'two');
  });

  it('are not mixed up when another offer comes while one is on its way', () => {
    live.offer(renders('two'));
    text();
    live.offer(renders('three'));
    live.settle(APPLIED);
    assert.equal(text(), 'three');
    live.settle(REFUSED);
    assert.equal(text(), 'two');
  });

  it('do not change when a refusal is for what was rendered before the offer', () => {
    text();
    live.offer(renders('two'));
    live.settle(REFUSED);
    assert.deepEqual(reported, []);
    assert.equal(text(), 'two');
  });

  it('stay when the offered ones throw', () => {
    live.offer(renders('\n {{number (count "x")}}'));
    assert.equal(text(), 'one');
    assert.deepEqual(reported, [
      `error InvalidPack my/out.hbs:2:11: RangeError: count needs a list, got string; ${LEFT}`,
    ]);
    live.offer(renders('two'));
    assert.deepEqual(reported, []);
  });

  it('stay when the offered ones cannot express what they can', () => {
    live.offer(perHost('{{#if (eq host.name "b")}}{{word host.nothing}}{{/if}}x'));
    assert.equal(text(), 'one');
    assert.match(reported.join(), /^error InvalidPack my\/out\.hbs:1:27: .*undefined is not a plain word/);
  });

  it('give way to offered ones that cannot express the same things', () => {
    live = new LivePack(perHost('{{#if (eq host.name "b")}}{{word host.nothing}}{{/if}}1'), {
      directory: 'my',
      report: () => undefined,
      onChange: () => undefined,
    });
    live.offer(perHost('{{#if (eq host.name "b")}}{{word host.nothing}}{{/if}}2'));
    assert.equal(text(), '22');
  });

  it('stay on trial while the proxy cannot be asked', () => {
    live.offer(renders('two'));
    text();
    live.settle({ type: 'failed', message: 'disk full' });
    assert.equal(text(), 'two');
    live.settle(REFUSED);
    assert.equal(text(), 'one');
  });
});
