import type { Replacement } from '../../model/route-features/proxy.ts';
import type { Grammar } from '../annotation.ts';
import { bad, good, matching } from '../grammar.ts';
import { patternProblem } from '../pcre.ts';

const WORDS = matching(/^[-._~a-zA-Z0-9/:,?&= ]+$/, 'of letters, digits, a space and -._~/:,?&= only');
const DOMAINS = matching(/^[-._~a-zA-Z0-9/: ]+$/, 'of letters, digits, a space and -._~/: only');

/** `off`, or what is replaced and what it becomes: `FROM TO`. */
function replacement(words: Grammar<string>): Grammar<Replacement | 'off'> {
  return (text) => {
    const plain = words(text);
    if (!plain.ok) return plain;
    if (plain.value === 'off') return good('off' as const);
    const [from, to, ...more] = plain.value.split(/ +/);
    if (from === undefined || to === undefined || more.length > 0) return bad('is not `off`, nor two words FROM TO');
    const problem = problemOfStart(from);
    return problem === undefined ? good({ from, to }) : bad(problem);
  };
}

/** @returns what is wrong with what begins with `~` */
export function problemOfStart(from: string): string | undefined {
  if (!from.startsWith('~')) return undefined;
  if (from.length === 1) return 'has nothing after the ~';
  return patternProblem(from.slice(1));
}

export const cookieDomain = replacement(DOMAINS);
export const cookiePath = replacement(WORDS);
