/** One directive, section or row of a configuration, its words without quotes. */
export interface ConfigNode {
  readonly name: string;
  readonly args: readonly string[];
  /** `undefined` for what is no block. */
  readonly children: readonly ConfigNode[] | undefined;
  /** Of its last word; from 1. */
  readonly line: number;
}

/** The text is not what the proxy's own parser would take. */
export class ConfigSyntaxError extends Error {
  readonly line: number;

  constructor(line: number, reason: string) {
    super(`line ${line}: ${reason}`);
    this.line = line;
  }
}

/** Makes a node of words. @throws ConfigSyntaxError when there is none */
export function nodeOf(words: readonly string[], line: number, children?: readonly ConfigNode[]): ConfigNode {
  const [name, ...args] = words;
  if (name === undefined) throw new ConfigSyntaxError(line, 'a directive without a name');
  return { name, args, children, line };
}

/** `name args {`, for messages and for comparing what is equal. */
export function headOf({ name, args, children }: ConfigNode): string {
  return `${JSON.stringify([name, ...args])}${children === undefined ? '' : ' {'}`;
}
