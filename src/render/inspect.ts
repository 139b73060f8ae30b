import { BLOCKS, createTemplateLanguage, type TemplateLanguage } from './handlebars.ts';
import { OUTPUT_HELPERS, VALUE_HELPERS, type Helper } from './helpers.ts';
import { lintPack } from './lint.ts';
import { quotingHelper } from './pack-quoting.ts';
import { PackError, parseManifest, type PackFiles, type PackManifest, type PackProblem } from './pack.ts';

export interface Inspected {
  /** `undefined` when `pack.json` cannot be used. */
  readonly manifest: PackManifest | undefined;
  /** Everything that is wrong, of `pack.json` and of every template. */
  readonly problems: readonly PackProblem[];
  /** Paths of the templates of outputs, and of the partials that are reached from them. */
  readonly used: ReadonlySet<string>;
}

/** Handlebars with all helpers that templates may use, those of the pack's own quoting rules among them. */
export function packLanguage(files: PackFiles): TemplateLanguage {
  return createTemplateLanguage(helpersOf(files));
}

/** The same with only those helpers that the templates use: Handlebars goes through all of them for each template that it runs. */
export function leanLanguage(files: PackFiles, language: TemplateLanguage): TemplateLanguage {
  const used = new Set<string>();
  for (const [path, text] of files) {
    const parsed = path.endsWith('.hbs') ? language.parse(text) : undefined;
    if (parsed?.ok === true) for (const { name } of parsed.uses) used.add(name);
  }
  return createTemplateLanguage(
    Object.fromEntries(Object.entries(helpersOf(files)).filter(([name]) => used.has(name))),
  );
}

function helpersOf(files: PackFiles): Readonly<Record<string, Helper>> {
  return { ...ownHelpers(readManifest(files).manifest), ...OUTPUT_HELPERS, ...VALUE_HELPERS };
}

function ownHelpers(manifest: PackManifest | undefined): Readonly<Record<string, Helper>> {
  const rules = [...(manifest?.quoting ?? [])];
  return Object.fromEntries(rules.map(([name, rule]) => [name, quotingHelper(name, rule)]));
}

/** Reads all files of a pack and finds what is wrong with them. */
export function inspectPack(files: PackFiles, language: TemplateLanguage): Inspected {
  const { manifest, problems } = readManifest(files);
  const output = new Set([...Object.keys(OUTPUT_HELPERS), ...(manifest?.quoting?.keys() ?? [])]);
  const value = new Set([...Object.keys(VALUE_HELPERS), 'lookup']);
  const linted = lintPack(files, language, { output, value, block: BLOCKS });
  const roots = manifest?.outputs.map(({ template }) => template) ?? [...files.keys()];
  return { manifest, problems: [...problems, ...linted], used: reachable(roots, files, language) };
}

function readManifest(files: PackFiles): Pick<Inspected, 'manifest' | 'problems'> {
  try {
    return { manifest: parseManifest(files), problems: [] };
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    return { manifest: undefined, problems: error.problems };
  }
}

function reachable(roots: readonly string[], files: PackFiles, language: TemplateLanguage): ReadonlySet<string> {
  const found = new Set(roots);
  // A set hands out what is added to it while it is walked.
  for (const path of found) {
    const parsed = language.parse(path.endsWith('.hbs') ? (files.get(path) ?? '') : '');
    if (!parsed.ok) continue;
    for (const { type, name } of parsed.uses) if (type === 'partial') found.add(`partials/${name}.hbs`);
  }
  return found;
}
