import { formatDiagnostic, type Diagnostic } from '../../src/model/diagnostics.ts';
import type { KubernetesObject } from '../../src/model/objects.ts';
import type { TranslateOptions } from '../../src/model/options.ts';
import { createTranslator, type Translation } from '../../src/translate/translate.ts';
import { examine } from '../support/config-tree/expected.ts';
import type { BundleTree } from '../support/config-tree/bundle.ts';
import { headOf, type ConfigNode } from '../support/config-tree/node.ts';
import { checkWorld, type Target } from './proxies.ts';
import { FUZZ_SETTINGS, NEIGHBOUR, worldOf } from './world.ts';

/** Everything that is wrong with how some objects end up in the configuration of one proxy; empty when nothing is. */
export type Judge = (objects: readonly KubernetesObject[], target: Target) => readonly string[];

/** Characters that end lines, move the cursor of a terminal, or turn the direction of a text. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/**
 * Objects pass when the configuration has exactly the directives that the model implies, the neighbour is in it as it
 * would be without them, the real checker takes it, and messages about them are one line.
 */
export function createJudge(options: TranslateOptions): Judge {
  const alone = new Map<Target, readonly string[]>();
  return (objects, target) => {
    const rendering = { proxy: target.name, render: target.render, settings: FUZZ_SETTINGS };
    const translation = createTranslator()(worldOf(objects), options);
    const { tree, escapes } = examine(translation.model, rendering);
    const wanted = alone.get(target) ?? neighbourIn(treeAlone(target, options));
    alone.set(target, wanted);
    const kept = new Set(neighbourIn(tree));
    const lost = wanted.filter((part) => !kept.has(part)).map((part) => `the neighbour lost ${part.slice(0, 200)}`);
    const complaint = escapes.length > 0 ? '' : checkWorld(target, worldOf(objects), options);
    const refused = complaint === '' ? [] : [`${target.name} ${target.version}: ${complaint.slice(0, 2000)}`];
    return [...escapes, ...lost, ...refused, ...unprintable(translation)];
  };
}

function treeAlone(target: Target, options: TranslateOptions): BundleTree {
  const { model } = createTranslator()(worldOf([]), options);
  return examine(model, { proxy: target.name, render: target.render, settings: FUZZ_SETTINGS }).tree;
}

/** The blocks, sections and rows of the neighbour, each as text. */
function neighbourIn(tree: BundleTree): readonly string[] {
  return [...tree].flatMap(([path, nodes]) =>
    nodes.filter((node) => isOfNeighbour(node)).map((node) => `${path} ${textOf(node)}`),
  );
}

function isOfNeighbour({ name, args, children }: ConfigNode): boolean {
  const inner = name === 'server' ? (children ?? []).filter((child) => child.name === 'server_name') : [];
  return [name, ...args, ...inner.flatMap((child) => child.args)].some(
    (word) => word.startsWith(NEIGHBOUR) || word.startsWith('neighbour_'),
  );
}

function textOf(node: ConfigNode): string {
  return `${headOf(node)}${(node.children ?? []).map(textOf).join(' ')}`;
}

function unprintable({ diagnostics, ignored }: Translation): readonly string[] {
  const reasons = ignored.map(({ reason }) => reason);
  return [...diagnostics.map(formatDiagnostic), ...reasons].flatMap(tellUnprintable);
}

/** Says so when a message would be more than one line of plain text. */
export function tellUnprintable(message: string): readonly string[] {
  return UNPRINTABLE.test(message) ? [`not one line of text: ${JSON.stringify(message).slice(0, 300)}`] : [];
}

export function messagesOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(formatDiagnostic).flatMap(tellUnprintable);
}
