import type { PackFiles, PackProblem } from './pack.ts';
import type { TemplateLanguage } from './handlebars.ts';

export interface LintNames {
  /** Helpers that may write into the file. */
  readonly output: ReadonlySet<string>;
  /** Helpers for conditions and arguments. */
  readonly value: ReadonlySet<string>;
  readonly block: ReadonlySet<string>;
}

/** `partials/location.hbs` → `location`; `undefined` for a template that is not a partial. */
export function partialName(path: string): string | undefined {
  return /^partials\/(.+)\.hbs$/.exec(path)?.[1];
}

/**
 * Finds what must not be in a template: an interpolation that no helper quotes (`{{value}}`, `{{{value}}}`), unknown
 * helpers and partials, partials chosen at run time, decorators. Also syntax errors.
 */
export function lintPack(files: PackFiles, language: TemplateLanguage, names: LintNames): readonly PackProblem[] {
  const partials = new Set([...files.keys()].flatMap((path) => partialName(path) ?? []));
  const problems: PackProblem[] = [];
  for (const [path, text] of files) {
    if (!path.endsWith('.hbs')) continue;
    const parsed = language.parse(text);
    if (!parsed.ok) {
      problems.push({ file: path, line: parsed.line, column: parsed.column, message: parsed.message });
      continue;
    }
    for (const use of parsed.uses) {
      const message = judge(use, names, partials);
      if (message !== undefined) problems.push({ file: path, line: use.line, column: use.column, message });
    }
  }
  return problems;
}

/** Something that a template does, and where (line and column from 1). */
export interface TemplateUse {
  readonly type:
    'output' | 'raw-output' | 'value' | 'block' | 'block-parameter' | 'partial' | 'dynamic-partial' | 'decorator';
  readonly name: string;
  /** Whether it has arguments; without, `{{name}}` is the value of a field. */
  readonly called: boolean;
  readonly line: number;
  readonly column: number;
}

function judge(use: TemplateUse, names: LintNames, partials: ReadonlySet<string>): string | undefined {
  switch (use.type) {
    case 'raw-output':
      return `{{{${use.name}}}} would be written as it is: use {{helper ${use.name}}} with one of ${list(names.output)}`;
    case 'output':
      return judgeOutput(use, names);
    case 'value':
      return unless(names.value.has(use.name) || names.output.has(use.name), 'helper', use.name, names.value);
    case 'block':
      return unless(names.block.has(use.name), 'block', use.name, names.block);
    case 'block-parameter':
      return judgeParameter(use.name, names);
    case 'partial':
      return unless(partials.has(use.name), 'partial', use.name, partials);
    case 'dynamic-partial':
      return 'a partial must be named in the template, not chosen at run time';
    case 'decorator':
      return 'decorators and inline partials are not allowed; use a file in partials/';
  }
}

function unless(isKnown: boolean, what: string, name: string, known: ReadonlySet<string>): string | undefined {
  return isKnown ? undefined : `unknown ${what} "${name}"; known are ${list(known)}`;
}

function judgeOutput(use: TemplateUse, names: LintNames): string | undefined {
  if (use.called && names.output.has(use.name)) return undefined;
  if (use.called) return `"${use.name}" does not quote what it writes; known are ${list(names.output)}`;
  return `{{${use.name}}} would be written without quoting: use {{helper ${use.name}}} with one of ${list(names.output)}`;
}

/** Handlebars would take `{{word x}}` for the parameter `word`, and write its value as it is. */
function judgeParameter(name: string, { output, value, block }: LintNames): string | undefined {
  const isTaken = output.has(name) || value.has(name) || block.has(name);
  return isTaken ? `a block parameter must not have the name of a helper ("${name}")` : undefined;
}

function list(names: ReadonlySet<string>): string {
  return [...names].sort().join(', ');
}
