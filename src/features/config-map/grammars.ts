import { quoteText } from '../../model/diagnostics.ts';
import { isLogVariable, isTimelyVariable } from '../../model/log-variables.ts';
import type { SecretName } from '../../model/options.ts';
import type { BlockedText } from '../../model/global-settings.ts';
import { isHeaderSafe, piecesOf } from '../../model/request-variables.ts';
import type { Grammar, Parsed } from '../annotation.ts';
import { bad, cidrs, good, matching, objectName } from '../grammar.ts';
import { patternProblem } from '../pcre.ts';

/*
 * Grammars that only the ConfigMap needs. An administrator writes it, who is trusted more than the owners of Ingresses; a
 * value is one value all the same, and never more configuration.
 */

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** `10m`, `240s`, `1d`, or a number of seconds; to seconds. */
export const duration: Grammar<number> = (text) => {
  const [, digits, unit = ''] = /^(\d{1,7})([smhd]?)$/.exec(text.trim()) ?? [];
  return digits === undefined ? bad('is not a time such as 10m or 240s') : good(Number(digits) * (UNITS[unit] ?? 1));
};

/** A list with commas or spaces, of items that fit. @param is completes "is not …" */
export function listOf(pattern: RegExp, is: string, separator: RegExp = /[\s,]+/): Grammar<readonly string[]> {
  return (text) => {
    const items = text.split(separator).flatMap((item) => (item.trim() === '' ? [] : item.trim()));
    const wrong = items.find((item) => item.length > 1000 || !pattern.test(item));
    return wrong === undefined ? good([...new Set(items)]) : bad(`holds ${quoteText(wrong)}, which is not ${is}`);
  };
}

/** `namespace/name`. */
export const reference: Grammar<SecretName> = (text) => {
  const parsed = objectName(text);
  if (!parsed.ok) return parsed;
  const { namespace, name } = parsed.value;
  return namespace === undefined ? bad('is not NAMESPACE/NAME') : good({ namespace, name });
};

/** `off`, or two words. */
export const fromTo: Grammar<{ readonly from: string; readonly to: string } | 'off'> = (text) => {
  if (text.trim() === 'off') return good('off');
  const [from, to, ...more] = text.trim().split(/\s+/);
  const isPlain = (word: string | undefined) => word !== undefined && /^[-\w.~/:]{1,500}$/.test(word);
  if (from === undefined || to === undefined || more.length > 0 || !isPlain(from) || !isPlain(to)) {
    return bad('is not off, or two words of letters, digits and -._~/:');
  }
  return good({ from, to });
};

/** `4 8k`. */
export const buffers: Grammar<{ readonly number: number; readonly size: string }> = (text) => {
  const [, number, size] = /^(\d{1,3})\s+(\d{1,6}[kKmM]?)$/.exec(text.trim()) ?? [];
  if (number === undefined || size === undefined || Number(number) < 1) return bad('is not NUMBER SIZE such as 4 8k');
  return good({ number: Number(number), size: size.toLowerCase() });
};

/** Texts with commas between them; after `~` or `~*`, a regular expression, compared without case. */
export const blockedTexts: Grammar<readonly BlockedText[]> = (text) => {
  const items = text.split(',').flatMap((item) => (item.trim() === '' ? [] : item.trim()));
  const found: BlockedText[] = [];
  for (const item of items) {
    const [, isRegex, rest = ''] = /^(~\*?)?(.*)$/s.exec(item) ?? [];
    const problem = blockedProblem(rest, isRegex !== undefined);
    if (problem !== undefined) return bad(`holds ${quoteText(item)}, which ${problem}`);
    found.push({ text: rest, isRegex: isRegex !== undefined });
  }
  return good(found);
};

function blockedProblem(text: string, isRegex: boolean): string | undefined {
  if (text === '' || text.length > 1000) return 'is empty or too long';
  if (!/^[ -~]*$/.test(text)) return 'holds characters other than printable ASCII';
  if (!isRegex)
    return /\$|^(?:default|hostnames|volatile|include)$|^\\/.test(text) ? 'no proxy can compare with' : undefined;
  const problem = patternProblem(text);
  return problem === undefined ? undefined : `is no regular expression: it ${problem}`;
}

/** CIDRs, and what else stands between the commas: as in ingress-nginx, one that is wrong does not spoil the others. */
export interface LooseCidrs {
  readonly cidrs: readonly string[];
  readonly wrong: readonly string[];
}

export const looseCidrs: Grammar<LooseCidrs> = (text) => {
  const items = text.split(',').flatMap((item) => (item.trim() === '' ? [] : item.trim()));
  const parsed = items.map((item) => ({ item, result: cidrs(item) }));
  const found = parsed.flatMap(({ result }) => (result.ok ? result.value : []));
  return good({ cidrs: [...new Set(found)], wrong: parsed.flatMap(({ item, result }) => (result.ok ? [] : item)) });
};

/** By protocol. */
export function byProtocol(list: readonly string[]): {
  readonly v4: readonly string[];
  readonly v6: readonly string[];
} {
  const isV6 = (item: string) => item.includes(':');
  return { v4: list.filter((item) => !isV6(item)), v6: list.filter(isV6) };
}

/** Starts of paths with commas between them. */
export const pathPrefixes = listOf(/^\/[!-#%-~]*$/, 'a path that starts with a slash', /,/);

const LOG_LIMIT = 3500;

/** A log format, with every variable as `${name}`. */
export const logFormat: Grammar<string> = (text) => withVariables(text.trim(), isLogVariable, 'a log may have');

/** The value of a header, with every variable as `${name}`. */
export const headerValue: Grammar<string> = (text) => withVariables(text.trim(), isForHeaders, 'a header may have');

function isForHeaders(name: string): boolean {
  return isTimelyVariable(name) && isHeaderSafe(name);
}

function withVariables(text: string, isKnown: (name: string) => boolean, may: string): Parsed<string> {
  const plain = matching(/^.*$/, 'one line')(text);
  if (!plain.ok) return plain;
  if (text.length > LOG_LIMIT) return bad(`is longer than ${LOG_LIMIT} characters`);
  const pieces = piecesOf(text);
  if (pieces === undefined) return bad('has a "$" that begins no variable');
  const unknown = pieces.find((piece) => 'variable' in piece && !isKnown(piece.variable));
  if (unknown !== undefined && 'variable' in unknown)
    return bad(`names $${unknown.variable}, which is none that ${may}`);
  return good(pieces.map((piece) => ('text' in piece ? piece.text : `\${${piece.variable}}`)).join(''));
}
