import Handlebars from 'handlebars';
import type { Source } from '../model/refs.ts';
import type { Helper } from './helpers.ts';
import type { TemplateUse } from './lint.ts';
import { indentMarked, markOwner } from './source-map.ts';
import { TemplateFailure } from './template-failure.ts';
import { readSyntaxError, type TemplateFault } from './syntax-error.ts';

/** Renders a view; owners that it meets are appended to `sources`, in the order of their marks. */
export type Template = (view: object, sources: Source[]) => string;

export type ParsedTemplate =
  { readonly ok: true; readonly uses: readonly TemplateUse[] } | ({ readonly ok: false } & TemplateFault);

/** Handlebars with sluice's helpers and nothing else; the only file that knows Handlebars. */
export interface TemplateLanguage {
  parse(text: string): ParsedTemplate;
  addPartial(name: string, text: string): void;
  /** @param file path of the template, for failures */
  compile(text: string, file: string): Template;
}

/** Blocks of Handlebars itself, and ours. */
export const BLOCKS: ReadonlySet<string> = new Set(['if', 'unless', 'each', 'with', 'owner', 'indent']);

export function createTemplateLanguage(helpers: Readonly<Record<string, Helper>>): TemplateLanguage {
  const environment = Handlebars.create();
  for (const [name, helper] of Object.entries(helpers)) {
    environment.registerHelper(name, (...parameters: unknown[]): unknown => callHelper(helper, parameters));
  }
  environment.registerHelper('owner', renderOwner);
  environment.registerHelper('indent', renderIndented);
  environment.registerHelper(OPEN, handOut);
  const known = [...Object.keys(helpers), ...BLOCKS, OPEN].map((name) => [name, true] as const);
  const options = {
    noEscape: true,
    strict: true,
    knownHelpersOnly: true,
    knownHelpers: Object.fromEntries(known),
  };
  const parsed = new Map<string, ParsedTemplate>();
  return {
    parse: (text) => {
      const result = parsed.get(text) ?? parse(text);
      parsed.set(text, result);
      return result;
    },
    addPartial: (name, text) =>
      environment.registerPartial(name, naming(`partials/${name}.hbs`, environment.compile<object>(text, options))),
    compile: (text, file) => {
      // No name that a partial can have, nor a bracket, which would end it.
      const name = `output ${encodeURIComponent(file)}`;
      environment.registerPartial(name, naming(file, environment.compile<object>(text, options)));
      const opened: Opened = { block: undefined };
      environment.compile<object>(`{{#[${OPEN}]}}{{> [${name}]}}{{/[${OPEN}]}}`, options)({}, { data: { opened } });
      return (view, sources) => opened.block?.(view, { data: { root: view, sources } }) ?? '';
    },
  };
}

/** Not a name that a template can have. */
const OPEN = '<open>';

interface Opened {
  block: Handlebars.TemplateDelegate | undefined;
}

/**
 * A template that is run prepares all helpers first, which takes longer than most items of a configuration. Its blocks do
 * not: so a block is handed out once, and run for each item.
 */
function handOut(this: unknown, options: Handlebars.HelperOptions): string {
  (options.data as { readonly opened: Opened }).opened.block = options.fn;
  return '';
}

/** Handlebars appends its options to the arguments; they tell where the call is. */
function callHelper(helper: Helper, parameters: unknown[]): unknown {
  const options = parameters.pop();
  try {
    return helper(...(parameters as never[]));
  } catch (error) {
    const { loc } = options as { readonly loc?: hbs.AST.SourceLocation };
    throw TemplateFailure.of(error, loc && { line: loc.start.line, column: loc.start.column + 1 });
  }
}

/** The template, with its file named in what it throws. */
function naming<T>(
  file: string,
  template: Handlebars.TemplateDelegate<T>,
): (view: T, options?: Handlebars.RuntimeOptions) => string {
  return (view, options) => {
    try {
      return template(view, options);
    } catch (error) {
      throw TemplateFailure.of(error).within(file);
    }
  };
}

interface OwnerData {
  readonly sources: Source[];
}

function renderOwner(this: unknown, source: Source | undefined, options: Handlebars.HelperOptions): string {
  const body = options.fn(this);
  if (source === undefined) return body;
  const { sources } = options.data as OwnerData;
  return markOwner(sources.push(source) - 1, body);
}

/** Every line of the body that holds something moves to the right. */
function renderIndented(this: unknown, columns: unknown, options: Handlebars.HelperOptions): string {
  if (typeof columns !== 'number') throw new RangeError('indent needs a number of columns');
  return indentMarked(options.fn(this), columns);
}

function parse(text: string): ParsedTemplate {
  try {
    const collector = new UseCollector();
    collector.accept(Handlebars.parse(text));
    return { ok: true, uses: collector.uses };
  } catch (error) {
    return { ok: false, ...readSyntaxError(error, text) };
  }
}

class UseCollector extends Handlebars.Visitor {
  readonly uses: TemplateUse[] = [];

  override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
    // `escaped` is false for the triple stash; with noEscape both write the same, but `{{{` announces raw text.
    this.#add(statement.escaped ? 'output' : 'raw-output', statement);
    this.#acceptArguments(statement);
  }

  override BlockStatement(statement: hbs.AST.BlockStatement): void {
    this.#add('block', statement);
    this.#acceptArguments(statement);
    this.#acceptProgram(statement.program, statement.loc);
    this.#acceptProgram(statement.inverse, statement.loc);
  }

  override SubExpression(expression: hbs.AST.SubExpression): void {
    this.#add('value', expression);
    this.#acceptArguments(expression);
  }

  override PartialStatement(statement: hbs.AST.PartialStatement): void {
    const isStatic = statement.name.type !== 'SubExpression';
    this.#push(isStatic ? 'partial' : 'dynamic-partial', nameOf(statement.name), false, statement.loc);
    this.#acceptArguments(statement);
  }

  override PartialBlockStatement(statement: hbs.AST.PartialBlockStatement): void {
    this.#push('dynamic-partial', nameOf(statement.name), false, statement.loc);
  }

  override Decorator(decorator: hbs.AST.Decorator): void {
    this.#push('decorator', nameOf(decorator.path), false, decorator.loc);
  }

  override DecoratorBlock(decorator: hbs.AST.DecoratorBlock): void {
    this.#push('decorator', nameOf(decorator.path), false, decorator.loc);
  }

  #acceptArguments(node: { readonly params: hbs.AST.Expression[]; readonly hash?: hbs.AST.Hash }): void {
    for (const parameter of node.params) this.accept(parameter);
    for (const pair of node.hash?.pairs ?? []) this.accept(pair.value);
  }

  #acceptProgram(program: hbs.AST.Program | undefined, loc: hbs.AST.SourceLocation): void {
    if (!program) return;
    // The parser leaves them out where there are none, which the types do not say.
    const parameters = program.blockParams as readonly string[] | undefined;
    for (const name of parameters ?? []) this.#push('block-parameter', name, false, loc);
    this.accept(program);
  }

  #add(
    type: 'output' | 'raw-output' | 'block' | 'value',
    node: {
      readonly path: hbs.AST.Expression;
      readonly params: hbs.AST.Expression[];
      readonly loc: hbs.AST.SourceLocation;
    },
  ): void {
    this.#push(type, nameOf(node.path), node.params.length > 0, node.loc);
  }

  #push(type: TemplateUse['type'], name: string, called: boolean, loc: hbs.AST.SourceLocation): void {
    this.uses.push({ type, name, called, line: loc.start.line, column: loc.start.column + 1 });
  }
}

function nameOf(path: hbs.AST.Node): string {
  return 'original' in path ? String(path.original) : path.type;
}
