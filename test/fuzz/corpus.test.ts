import assert from 'node:assert/strict';
import type { Diagnostic } from '../../src/model/diagnostics.ts';
import type { RoutingModel } from '../../src/model/routing.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { FIELDS, type Field } from './corpus.ts';
import { FRAGMENTS } from './fragments.ts';
import { createJudge, messagesOf } from './judge.ts';
import { fuzzTargets } from './proxies.ts';
import { carrierOf, decodeAll, FUZZ_OPTIONS, tlsData, worldOf, type Decoded, type Raw } from './world.ts';

const HARMLESS = 'harmless';
const TLS_DATA = tlsData();

interface Planted extends Decoded {
  readonly text: string;
  readonly namespace: string;
}

function plant(field: Field, text: string, index: number): Planted {
  const namespace = `hostile-${index}-n`;
  const tls = field.tls ? TLS_DATA : undefined;
  const raws: readonly Raw[] = field.plant(
    carrierOf({ namespace, host: `${namespace}.test`, ...(tls && { tls }) }),
    text,
  );
  return { text, namespace, ...decodeAll(raws) };
}

const isTold = (field: Field, diagnostic: Diagnostic): boolean => {
  const [, wanted = field.path] = /^([^\s[]+(?:\[\d+\][^\s[]*)*)/.exec(field.path) ?? [];
  return (
    field.told?.test(diagnostic.field) ?? (diagnostic.field.startsWith(wanted) || wanted.startsWith(diagnostic.field))
  );
};

/** What the model says of one carrier, without what differs between carriers anyway. */
function partOf(model: RoutingModel, { namespace }: Planted): string {
  const hosts = model.hosts.filter(({ source }) => source?.object.namespace === namespace);
  const upstreams = model.upstreams.filter((upstream) => upstream.namespace === namespace);
  return JSON.stringify({ hosts, upstreams }).replaceAll(namespace, 'NAMESPACE');
}

function optionsFor(field: Field) {
  return { ...FUZZ_OPTIONS, ...field.options };
}

interface Outcome {
  readonly planted: Planted;
  /** It was told of, or another controller's, or closes the route. */
  readonly refused: boolean;
  readonly part: string;
  /** The model is what it is without the text. */
  readonly unread: boolean;
}

function outcomes(field: Field, planted: readonly Planted[]): readonly Outcome[] {
  const world = worldOf(planted.flatMap(({ objects }) => objects));
  const { model, diagnostics, ignored } = createTranslator()(world, optionsFor(field));
  const harmless = plant(field, HARMLESS, planted.length);
  const without = partOf(createTranslator()(worldOf(harmless.objects), optionsFor(field)).model, harmless);
  const others = new Set(ignored.map(({ object }) => object.namespace));
  return planted.map((item) => {
    const own = diagnostics.filter(({ object }) => object?.namespace === item.namespace || object?.name === 'other');
    const told = [...item.diagnostics, ...own].some((diagnostic) => isTold(field, diagnostic));
    const part = partOf(model, item);
    const closed = part.includes('"available":false') || part.includes('"status":503');
    return { planted: item, refused: told || closed || others.has(item.namespace), part, unread: part === without };
  });
}

/** Neither told, nor expressed, nor without effect: what a value came to that nobody asked for. */
function unexplained({ planted, refused, part, unread }: Outcome): readonly string[] {
  const [written, said] = [JSON.stringify(planted.text).slice(1, -1), part].map(decoded);
  const expressed = said?.includes(written ?? '') ?? false;
  return refused || unread || expressed ? [] : [`${JSON.stringify(planted.text).slice(0, 80)} → ${part.slice(0, 300)}`];
}

/** In lower case, as hosts are told, and without percent-encoding of ASCII, which paths may be rid of. */
function decoded(text: string): string {
  const plain = text.replaceAll('\\\\', '\\').replaceAll('\\"', '"').toLowerCase();
  return plain.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

describe('the injection corpus', () => {
  for (const [index, field] of FIELDS.entries()) {
    it(`is told or expressed in ${field.kind} ${field.path} (${index})`, () => {
      const planted = FRAGMENTS.map((text, place) => plant(field, text, place));
      assert.deepEqual(outcomes(field, planted).flatMap(unexplained), []);
      assert.deepEqual(
        planted.flatMap(({ diagnostics }) => messagesOf(diagnostics)),
        [],
      );
    });
  }

  it('never leaves its place in the configuration, and every proxy takes all of it', async function () {
    this.timeout(120_000);
    const targets = await fuzzTargets();
    const byOptions = Map.groupBy(FIELDS, ({ options }) => JSON.stringify(options ?? {}));
    for (const fields of byOptions.values()) {
      const judge = createJudge({ ...FUZZ_OPTIONS, ...fields[0]?.options });
      const objects = fields.flatMap((field) => readTexts(field).flatMap((item) => item.objects));
      for (const target of targets) assert.deepEqual(judge(objects, target), [], `${target.name} ${target.version}`);
    }
  });
});

/** Those that make a difference to the model, and one that does not. */
function readTexts(field: Field): readonly Planted[] {
  const start = FIELDS.indexOf(field) * FRAGMENTS.length;
  const all = outcomes(
    field,
    FRAGMENTS.map((text, place) => plant(field, text, start + place)),
  );
  return [...all.filter(({ unread }) => !unread), ...all.filter(({ unread }) => unread).slice(0, 1)].map(
    ({ planted }) => planted,
  );
}
