/** The text as a regular expression (PCRE) that matches only it. */
export function literalPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\#]/g, '\\$&');
}
