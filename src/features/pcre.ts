/*
 * Regular expressions of users become parts of larger ones: behind the name of a host, in front of the rest of a path. So
 * only those pass whose groups and classes end where they seem to end, to PCRE and to everybody else.
 */

/** `\Q…\E` hides what follows, `\c(` takes a parenthesis, the rest means something else in other versions of PCRE. */
const ESCAPE = String.raw`\\[^QEcCoNX]`;
/** A class never starts with its own end or like a name of a class, and names of classes of characters are known ones. */
const POSIX = 'alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit';
const CLASS = String.raw`\[(?:\^(?!\])|(?![\]^]|(?<mark>[:.=])[^\]]*\k<mark>\]))(?:${ESCAPE}|\[:\^?(?:${POSIX}):\]|\[(?![:.=])|[^\\[\]])+\]`;
/** Groups without a name, which would be a variable of nginx; flags that do not change where a group ends. */
const GROUP = String.raw`\(\?(?:[imsU]*(?:-[imsU]+)?[:)]|[:>=!]|<[=!])`;
const PLAIN = String.raw`\((?!\?)|[^\\[(]`;
const TOKENS = new RegExp(`${ESCAPE}|${CLASS}|${GROUP}|${PLAIN}`, 'gsu');
const ALL = new RegExp(`^(?:${ESCAPE}|${CLASS}|${GROUP}|${PLAIN})*$`, 'su');

/** @returns what is wrong, to complete a sentence about the expression; `undefined` when nothing is */
export function patternProblem(pattern: string): string | undefined {
  if (!ALL.test(pattern)) return 'is no regular expression that is taken: no named groups, comments, \\Q, \\E or \\c';
  const skeleton = (pattern.match(TOKENS) ?? []).map(forScript).join('');
  try {
    // Possessive quantifiers are the only ones that JavaScript lacks.
    new RegExp(skeleton.replace(/([*+?}])\+/g, '$1'));
    return undefined;
  } catch {
    return 'is no regular expression';
  }
}

/** A token that means as much to JavaScript, where only the structure counts. */
function forScript(token: string): string {
  if (token.startsWith('\\')) return 'a';
  if (token.startsWith('[')) return token.replace(/\[:\^?\w+:\]/g, 'a');
  if (token.startsWith('(?')) return token.endsWith(')') ? '' : '(?:';
  return token;
}
