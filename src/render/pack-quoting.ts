import type { QuotingRule } from '../model/pack-commands.ts';
import { BLOCKS } from './handlebars.ts';
import { OUTPUT_HELPERS, VALUE_HELPERS, type Helper } from './helpers.ts';
import { compile, record } from './pack-commands.ts';

const NAME = /^[a-z][A-Za-z0-9]{1,40}$/;
const KEYS = ['open', 'close', 'escape', 'refuse'];
/** Names that templates know already: a rule must not stand for one of them, nor seem to quote what it does not. */
const TAKEN: ReadonlySet<string> = new Set([
  ...Object.keys({ ...OUTPUT_HELPERS, ...VALUE_HELPERS }),
  ...BLOCKS,
  'lookup',
  'log',
]);
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Reads the section "quoting" of a pack.json: rules by the names of the helpers that they become. @throws RangeError */
export function parseQuoting(value: unknown): ReadonlyMap<string, QuotingRule> {
  return new Map(Object.entries(record(value, '"quoting"')).map(([name, rule]) => [name, parseRule(name, rule)]));
}

function parseRule(name: string, value: unknown): QuotingRule {
  const where = `"quoting.${name}"`;
  checkName(name, where);
  const { open = '', close = '', escape = {}, refuse } = record(value, where, KEYS);
  if (typeof open !== 'string' || typeof close !== 'string')
    throw new RangeError(`${where}: "open" and "close" are texts`);
  const rule = { open, close, escape: parseEscape(escape, where), refuse: parseRefuse(refuse, `${where}.refuse`) };
  checkClosed(rule, where);
  return rule;
}

function checkName(name: string, where: string): void {
  if (!NAME.test(name)) {
    throw new RangeError(`${where}: the name of a helper is letters and digits, a small letter first`);
  }
  if (TAKEN.has(name)) throw new RangeError(`${where}: "${name}" is a helper already; choose another name`);
}

function parseRefuse(value: unknown, where: string): RegExp | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new RangeError(`${where} must be a regular expression`);
  return compile(value, where, 'u');
}

/** What ends the quotes, and what begins an escape, must not come from a value: with either, it could leave them. */
function checkClosed({ open, close, escape, refuse }: QuotingRule, where: string): void {
  if (open === '' && close === '' && refuse === undefined && Object.keys(escape).length === 0) {
    throw new RangeError(`${where} does nothing: it needs "open" and "close", "escape" or "refuse"`);
  }
  const starts = [close, ...Object.values(escape)].flatMap((text) => Array.from(text).slice(0, 1));
  const loose = starts.find((character) => !Object.hasOwn(escape, character) && refuse?.test(character) !== true);
  if (loose === undefined) return;
  const what = JSON.stringify(loose);
  throw new RangeError(`${where} must escape or refuse ${what}: a value that holds it could end the quotes`);
}

function parseEscape(value: unknown, where: string): Readonly<Record<string, string>> {
  const pairs = Object.entries(record(value, `${where}.escape`)).map(([character, replacement]) => {
    if (Array.from(character).length === 1 && typeof replacement === 'string') return [character, replacement] as const;
    throw new RangeError(`${where}.escape maps single characters to texts`);
  });
  return Object.fromEntries(pairs);
}

/** The output helper of a rule. It throws a RangeError for a value that the language cannot express. */
export function quotingHelper(name: string, { open, close, escape, refuse }: QuotingRule): Helper {
  return (value: unknown) => {
    if (typeof value !== 'string') throw new RangeError(`${name} needs a text, got ${JSON.stringify(value)}`);
    if (CONTROL.test(value) || refuse?.test(value))
      throw new RangeError(`${name} cannot express ${JSON.stringify(value)}`);
    const escaped = Array.from(value, (character) =>
      Object.hasOwn(escape, character) ? escape[character] : character,
    );
    return `${open}${escaped.join('')}${close}`;
  };
}
