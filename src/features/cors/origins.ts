import { quoteText } from '../../model/diagnostics.ts';
import type { Cors } from '../../model/route-features/cors.ts';
import type { Grammar } from '../annotation.ts';
import { good, matching } from '../grammar.ts';
import { literalPattern } from '../../model/pattern.ts';

export interface Origins {
  readonly origins: Cors['origins'];
  /** What is left out of the list; `undefined`: nothing. */
  readonly problem: string | undefined;
}

const LIST = matching(/^[A-Za-z0-9:/*.,\- ]*$/, 'a list of origins, such as https://example.com');
const ORIGIN = /^([a-z]+:\/\/)(\*\.)?([A-Za-z0-9\-.]*(?::\d+)?)$/;
/** As ingress-nginx has it: `*` stands for one label. */
const LABEL = '[A-Za-z0-9-]+';

/** One `*` allows all. An item that is no origin is left out (ingress-nginx, annotations/cors). */
export const readOrigins: Grammar<Origins> = (text) => {
  const list = LIST(text);
  if (!list.ok) return list;
  const items = list.value.split(',').map((item) => item.replaceAll(' ', ''));
  const given = [...new Set(items.filter((item) => item !== ''))];
  const wrong = given.filter((item) => item !== '*' && patternOf(item) === undefined);
  const problem =
    wrong.length === 0 ? undefined : `${wrong.map((item) => quoteText(item)).join(', ')}: no origin; not allowed`;
  if (given.includes('*')) return good({ origins: '*' as const, problem });
  return good({ origins: given.flatMap((item) => patternOf(item) ?? []).sort(), problem });
};

function patternOf(item: string): string | undefined {
  if (item === 'null') return item;
  const [, scheme, wildcard, rest] = ORIGIN.exec(item) ?? [];
  if (scheme === undefined || rest === undefined) return undefined;
  return `${scheme}${wildcard === undefined ? '' : `${LABEL}\\.`}${literalPattern(rest)}`;
}
