import { formatRef, type Source } from '../../model/refs.ts';
import { literalPattern } from '../../model/pattern.ts';
import { listArgument, textArgument } from './arguments.ts';

export const TEXT_HELPERS = {
  concat: (...parts: readonly unknown[]) => parts.map((part) => textArgument('concat', part)).join(''),
  lower: (text: unknown) => textArgument('lower', text).toLowerCase(),
  upper: (text: unknown) => textArgument('upper', text).toUpperCase(),
  trim: (text: unknown) => textArgument('trim', text).trim(),
  split: (text: unknown, separator: unknown) => textArgument('split', text).split(textArgument('split', separator)),
  replace: (text: unknown, search: unknown, replacement: unknown) =>
    // As a function: in text, `$&` would stand for the match.
    textArgument('replace', text).replaceAll(textArgument('replace', search), () =>
      textArgument('replace', replacement),
    ),
  slice: (text: unknown, start: number, end?: unknown) =>
    textArgument('slice', text).slice(start, typeof end === 'number' ? end : undefined),
  startsWith: (text: unknown, start: unknown) =>
    textArgument('startsWith', text).startsWith(textArgument('startsWith', start)),
  endsWith: (text: unknown, end: unknown) => textArgument('endsWith', text).endsWith(textArgument('endsWith', end)),
  contains,
  /** A path of an Ingress without its percent-encoding, as nginx compares it. */
  decodePath: (path: string) => decodeURIComponent(path),
  regexLiteral: literalPattern,
  ref: (source: Source) =>
    source.field === '' ? formatRef(source.object) : `${formatRef(source.object)} ${source.field}`,
  objectName: (source: Source) => `${source.object.namespace}/${source.object.name}`,
};

function contains(textOrList: unknown, part: unknown): boolean {
  if (typeof textOrList === 'string') return textOrList.includes(textArgument('contains', part));
  return listArgument('contains', textOrList).includes(part);
}
