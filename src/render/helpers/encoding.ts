import { createHash } from 'node:crypto';
import { textArgument } from './arguments.ts';

export const ENCODING_HELPERS = {
  sha256,
  hash8: (...parts: readonly unknown[]) => sha256(...parts).slice(0, 8),
  base64: (text: unknown) => Buffer.from(textArgument('base64', text), 'utf8').toString('base64'),
};

/** Hexadecimal, over the length and the text of each part: `a`, `bc` is another one than `ab`, `c`. */
function sha256(...parts: readonly unknown[]): string {
  const hash = createHash('sha256');
  const [only, ...more] = parts.map((part) => textArgument('sha256', part));
  if (only !== undefined && more.length === 0) return hash.update(only).digest('hex');
  for (const part of parts) hash.update(`${textArgument('sha256', part).length}:${textArgument('sha256', part)}`);
  return hash.digest('hex');
}

/**
 * A value as JSON, for files that are JSON; with spaces, over several lines. Key material is refused: a template that writes
 * a whole certificate by accident would put its key where it does not belong.
 */
export function json(value: unknown, spaces?: unknown): string {
  const text = JSON.stringify(value, undefined, typeof spaces === 'number' ? spaces : undefined) as string | undefined;
  if (text === undefined) throw new RangeError('json needs a value');
  if (text.includes('PRIVATE KEY-----')) throw new RangeError('json does not write key material');
  return text.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
