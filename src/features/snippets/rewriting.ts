import { quoteText } from '../../model/diagnostics.ts';
import { isHeaderSafe, isRequestVariable, REWRITE_VARIABLES } from '../../model/request-variables.ts';
import type { SnippetLine } from '../../model/route-features/snippets.ts';
import type { Parsed } from '../annotation.ts';
import { bad, good } from '../grammar.ts';
import { patternProblem } from '../pcre.ts';
import { sentProblem, textProblem, type BlockReader } from './directives.ts';
import type { Statement } from './statements.ts';

/* https://nginx.org/en/docs/http/ngx_http_rewrite_module.html */

/** `return CODE`, `return CODE TEXT`, `return URL`. */
export function readReturn({ words }: Statement): Parsed<SnippetLine> {
  const [first = '', text, ...more] = words;
  if (more.length > 0) return bad('has return with more than two words');
  const isUrl = text === undefined && /^(?:https?:\/\/|\$scheme)/.test(first);
  if (!isUrl && !/^[2-5]\d\d$/.test(first)) return bad(`has return with ${quoteText(first)}`);
  const said = isUrl ? first : text;
  const problem = said === undefined ? undefined : sentProblem(said);
  if (problem !== undefined) return bad(problem);
  return good({ type: 'return', status: isUrl ? 302 : Number(first), text: said });
}

const FLAGS = ['break', 'redirect', 'permanent'] as const;
/** No query: with one, nginx before 1.30.1 writes beyond its memory (CVE-2026-42945). */
const REPLACEMENT = /^(?:[-._~a-zA-Z0-9/:=&+,%@]|\$[1-9]|\$[a-z_]+(?![a-z0-9_]))*$/;
const LONGEST = 1000;

/** Without `last`: it would look for a location anew, also among those that are not for clients. */
export function readRewrite({ words }: Statement): Parsed<SnippetLine> {
  const [pattern = '', replacement = '', given, ...more] = words;
  const flag = flagOf(replacement, given);
  if (flag === undefined || more.length > 0)
    return bad('has rewrite that is not REGEX REPLACEMENT and one of break, redirect, permanent');
  const problem = patternOf(pattern) ?? replacementProblem(replacement, flag);
  return problem === undefined ? good({ type: 'rewrite', pattern, replacement, flag }) : bad(problem);
}

/** nginx redirects to a URL without being told. */
function flagOf(replacement: string, given: string | undefined): (typeof FLAGS)[number] | undefined {
  if (given === undefined) return /^https?:\/\//.test(replacement) ? 'redirect' : undefined;
  return FLAGS.find((name) => name === given);
}

function replacementProblem(replacement: string, flag: (typeof FLAGS)[number]): string | undefined {
  const variables = [...replacement.matchAll(/\$([a-z_]\w*)/g)].map(([, name = '']) => name);
  const wrong = variables.find((name) => !REWRITE_VARIABLES.includes(name));
  if (wrong !== undefined) return `has rewrite with the variable $${wrong}, which is not allowed`;
  if (flag !== 'break' && !variables.every(isHeaderSafe))
    return `has rewrite … ${flag} with the variable $uri, which may hold a line break: use $request_uri, or a group of the expression`;
  const isTaken = replacement.length <= LONGEST && REPLACEMENT.test(replacement);
  return isTaken ? undefined : `has rewrite to ${quoteText(replacement)}, which is not a path or URL without query`;
}

/** Groups within groups: several of them in one redirect, and nginx before 1.30.1 reads beyond its memory (CVE-2026-9256). */
function patternOf(pattern: string): string | undefined {
  if (pattern === '' || pattern.length > LONGEST) return 'has an empty or very long regular expression';
  const problem = patternProblem(pattern);
  if (problem !== undefined) return `has ${quoteText(pattern)}, which ${problem}`;
  return hasNestedGroups(pattern)
    ? `has ${quoteText(pattern)}, a regular expression with groups within groups`
    : undefined;
}

function hasNestedGroups(pattern: string): boolean {
  const brackets = pattern.replace(/\\[^]|\[(?:\\[^]|[^\\\]])*\]/g, '');
  const open: boolean[] = [];
  for (const [bracket, more = ''] of brackets.matchAll(/\((\?)?|\)/g)) {
    if (bracket === ')') open.pop();
    else if (more === '' && open.includes(true)) return true;
    else open.push(more === '');
  }
  return false;
}

const OPERATORS = ['=', '!=', '~', '~*', '!~', '!~*'] as const;

interface Condition {
  readonly variable: string;
  readonly operator: '' | (typeof OPERATORS)[number];
  readonly operand: string;
  readonly isPattern: boolean;
}

/** `if ($variable)`, or a comparison of one; files are not looked at. */
export function readIf({ words, block }: Statement, read: BlockReader): Parsed<SnippetLine> {
  if (block === undefined) return bad('has an if without a block');
  const condition = conditionOf(wordsWithin(words));
  if (!condition.ok) return condition;
  const lines = read(block);
  return lines.ok ? good({ type: 'if', ...condition.value, lines: lines.value }) : lines;
}

function conditionOf([subject = '', sign, operand = '', ...more]: readonly string[]): Parsed<Condition> {
  const variable = subject.startsWith('$') ? subject.slice(1) : '';
  const operator = operatorOf(sign);
  if (operator === undefined || more.length > 0) return bad('has an if with a condition that is no comparison');
  if (!isRequestVariable(variable))
    return bad(`has an if about ${quoteText(subject)}, which is no variable that is allowed`);
  const isPattern = operator.includes('~');
  const problem = isPattern ? patternOf(operand) : textProblem(operand);
  return problem === undefined ? good({ variable, operator, operand, isPattern }) : bad(problem);
}

function operatorOf(sign: string | undefined): Condition['operator'] | undefined {
  return sign === undefined ? '' : OPERATORS.find((name) => name === sign);
}

/** The words between the brackets, which may be words of their own; none where there are no brackets. */
function wordsWithin(words: readonly string[]): readonly string[] {
  const [first = '', ...rest] = words;
  const opened = first === '(' ? rest : [first.slice(1), ...rest];
  const last = opened.at(-1) ?? '';
  if (!first.startsWith('(') || !last.endsWith(')')) return [];
  return last === ')' ? opened.slice(0, -1) : [...opened.slice(0, -1), last.slice(0, -1)];
}
