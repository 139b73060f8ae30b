import type { ProxyName } from '../../../src/cli/proxy/proxy-kinds.ts';
import type { ProxySettings } from '../../../src/model/options.ts';
import type { RoutingModel } from '../../../src/model/routing.ts';
import { HAPROXY_HELPERS } from '../../../src/render/helpers/haproxy.ts';
import type { Renderer } from '../../../src/render/render.ts';
import { treeOfBundle, type BundleTree } from './bundle.ts';
import { ConfigSyntaxError, headOf, type ConfigNode } from './node.ts';
import { TWIN_WORD, twinOf } from './twin.ts';

/*
 * What a model implies: exactly the directives of its harmless twin, with each of its texts at the one place where the twin
 * has the word for it, unquoted by the proxy's own rules. One directive, block, section, row or word more or less is an
 * escape.
 */

/** What a model was rendered to, and everything in it that the model does not imply. */
export interface Examined {
  readonly tree: BundleTree;
  readonly escapes: readonly string[];
}

export interface Rendering {
  readonly proxy: ProxyName;
  readonly render: Renderer;
  readonly settings: ProxySettings;
}

export function examine(model: RoutingModel, { proxy, render, settings }: Rendering): Examined {
  const twin = twinOf(model);
  const wanted = treeOfBundle(proxy, render(twin.model, settings).bundle);
  const { bundle, diagnostics } = render(model, settings);
  const unrendered = diagnostics.map(({ message }) => `not rendered: ${message}`);
  try {
    const tree = treeOfBundle(proxy, bundle);
    return { tree, escapes: [...unrendered, ...compareTrees(tree, wanted, twin.texts), ...duplicatesIn(tree)] };
  } catch (error) {
    if (!(error instanceof ConfigSyntaxError)) throw error;
    return { tree: new Map(), escapes: [...unrendered, `cannot be parsed: ${error.message}`] };
  }
}

type Texts = ReadonlyMap<string, string>;

/** Where `tree` is not `wanted` with the texts filled in. */
export function compareTrees(tree: BundleTree, wanted: BundleTree, texts: Texts): readonly string[] {
  const filled = new Map([...wanted].map(([path, nodes]) => [fill(path, texts, asIs), nodes]));
  const paths = new Set([...tree.keys(), ...filled.keys()]);
  return [...paths].flatMap((path) => {
    const [have, want] = [tree.get(path), filled.get(path)];
    if (have === undefined) return [`${path} is missing`];
    return want === undefined ? [`${path} is not implied`] : compareNodes(have, want, { texts, place: path });
  });
}

interface Place {
  readonly texts: Texts;
  readonly place: string;
}

function compareNodes(have: readonly ConfigNode[], want: readonly ConfigNode[], { texts, place }: Place): string[] {
  const found: string[] = [];
  for (let index = 0; index < Math.max(have.length, want.length); index += 1) {
    const [left, right] = [have[index], want[index]];
    if (left === undefined || right === undefined || !isImplied(left, right, texts)) {
      const shown = left === undefined ? 'nothing' : `line ${left.line}: ${headOf(left).slice(0, 300)}`;
      return [...found, `${place}: ${shown} where ${right === undefined ? 'nothing' : headOf(right)} is implied`];
    }
    const inner = { texts, place: `${place} ${left.name}` };
    found.push(...compareNodes(left.children ?? [], right.children ?? [], inner));
  }
  return found;
}

/** Sized by the longest name: its number is another one for the twin. */
const SIZED = 'server_names_hash_bucket_size';

function isImplied(have: ConfigNode, want: ConfigNode, texts: Texts): boolean {
  const [left, right] = [wordsOf(have), wordsOf(want)];
  if (left.length !== right.length || (have.children === undefined) !== (want.children === undefined)) return false;
  if (left[0] === SIZED && right[0] === SIZED) return /^\d+$/.test(left[1] ?? '');
  return left.every((word, index) => isWordImplied(word, right, { index, texts }));
}

function wordsOf({ name, args }: ConfigNode): readonly string[] {
  return [name, ...args];
}

/** `word` is what stands for the text in the twin. */
type Encode = (text: string, word: string) => string;

const asIs: Encode = (text) => text;

/** How a text may be written: as it is, or as the proxy compares paths. */
const ENCODINGS: readonly Encode[] = [asIs, decodeURIComponent, (text) => HAPROXY_HELPERS.haproxyPath(text)];

/** All that means something in a regular expression is escaped. */
const literal: Encode = (text) => text.replace(/[\\^$.|?*+()[\]{}#]/g, '\\$&');

/** The same where nginx reads a regular expression. */
const REGEX: readonly Encode[] = [literal, (text, word) => literal(decodeURIComponent(text), word)];

/** In a map of regular expressions of HAProxy the host is only itself, and the path what the Ingress says. */
const REGEX_KEY: readonly Encode[] = [
  (text, word) => (word.startsWith('zzhost') ? literal(text, word) : text),
  (text, word) => (word.startsWith('zzhost') ? literal(text, word) : HAPROXY_HELPERS.haproxyPath(text)),
  (text, word) => literal(word.startsWith('zzhost') ? text : decodeURIComponent(text), word),
];

function encodingsAt(words: readonly string[], index: number): readonly Encode[] {
  if (index === 0 && words[0]?.startsWith('^') === true) return REGEX_KEY;
  const isRegex = words[index]?.startsWith('~') === true || (words[0] === 'location' && words[1] === '~');
  return isRegex ? REGEX : ENCODINGS;
}

function isWordImplied(have: string, words: readonly string[], { index, texts }: WordPlace): boolean {
  const want = words[index] ?? '';
  if (have === want) return true;
  return (
    want.search(TWIN_WORD) >= 0 &&
    encodingsAt(words, index).some((encode) => canBe(have, () => fill(want, texts, encode)))
  );
}

/** Not every text is percent-encoding. */
function canBe(have: string, make: () => string): boolean {
  try {
    return make() === have;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

interface WordPlace {
  readonly index: number;
  readonly texts: Texts;
}

function fill(text: string, texts: Texts, encode: Encode): string {
  return text.replace(TWIN_WORD, (word) => encode(texts.get(word) ?? word, word));
}

/** Blocks and rows of which a proxy takes the first or the last, or refuses the second. */
const UNIQUE: ReadonlySet<string> = new Set(['location', 'server_name', 'upstream', 'backend', 'frontend', 'server']);

function duplicatesIn(tree: BundleTree): readonly string[] {
  return [...tree].flatMap(([path, nodes]) => duplicatesAmong(nodes, path));
}

function duplicatesAmong(nodes: readonly ConfigNode[], place: string): readonly string[] {
  const isMap = place.endsWith('.map');
  const seen = new Set<string>();
  return nodes.flatMap((node) => {
    const inner = node.children === undefined ? [] : duplicatesAmong(node.children, `${place} ${node.name}`);
    if (!isMap && (!UNIQUE.has(node.name) || node.args.length === 0)) return inner;
    const key = keyOf(node, isMap);
    const again = seen.has(key) ? [`${place}: ${key} is there twice`] : [];
    seen.add(key);
    return [...again, ...inner];
  });
}

function keyOf(node: ConfigNode, isMap: boolean): string {
  return isMap ? node.name : headOf(node);
}
