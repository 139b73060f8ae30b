import { createTwoFilesPatch } from 'diff';

export interface DiffSide {
  /** What the heading calls it. */
  readonly name: string;
  /** `undefined`: there is no such file. */
  readonly text: string | undefined;
}

const NOWHERE = '/dev/null';

/** How one text became another, as `diff -u` prints it; empty when both are the same. */
export function unifiedDiff(before: DiffSide, after: DiffSide): string {
  if (before.text === after.text) return '';
  const [from, to] = [before, after].map(({ name, text }) => (text === undefined ? NOWHERE : name));
  const patch = createTwoFilesPatch(from ?? '', to ?? '', before.text ?? '', after.text ?? '', undefined, undefined, {
    context: 3,
  });
  return patch.replace(/^=+\n/, '');
}
