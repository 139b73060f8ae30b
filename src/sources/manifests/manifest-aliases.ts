/** One step through the nodes of a file, in reading order. `anchor` is empty where there is none. */
export interface NodeStep {
  readonly type: 'document' | 'open' | 'leaf' | 'alias' | 'close';
  readonly anchor: string;
  readonly offset: number;
}

/** Text that is well-formed, and refused all the same. */
export class RefusedText extends Error {
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

interface Open {
  readonly anchor: string;
  size: number;
}

/**
 * Refuses aliases that together stand for more than `limit` nodes, and aliases to what encloses them: the parsed value
 * shares nodes, so that a kilobyte of text can be a tree without end for whoever walks it. Takes time linear in the text.
 *
 * @throws RefusedText at the alias
 */
export function checkAliases(steps: Iterable<NodeStep>, limit: number): void {
  /** Nodes under an anchor; `undefined` while it is still open. */
  let sizes = new Map<string, number | undefined>();
  const open: Open[] = [{ anchor: '', size: 0 }];
  let expanded = 0;

  function count(anchor: string, size: number): void {
    const parent = open.at(-1);
    if (parent !== undefined) parent.size += size;
    if (anchor !== '') sizes.set(anchor, size);
  }

  function expand(step: NodeStep): number {
    const size = sizes.get(step.anchor);
    if (size === undefined && sizes.has(step.anchor)) throw new RefusedText(step.offset, 'alias to what encloses it');
    expanded += size ?? 0;
    if (expanded > limit) throw new RefusedText(step.offset, 'aliases expand to too many nodes');
    return size ?? 0;
  }

  for (const step of steps) {
    switch (step.type) {
      case 'document':
        sizes = new Map();
        open.push({ anchor: '', size: 0 });
        break;
      case 'open':
        open.push({ anchor: step.anchor, size: 1 });
        if (step.anchor !== '') sizes.set(step.anchor, undefined);
        break;
      case 'leaf':
        count(step.anchor, 1);
        break;
      case 'alias':
        count('', expand(step));
        break;
      case 'close': {
        const closed = open.pop();
        if (closed !== undefined) count(closed.anchor, closed.size);
      }
    }
  }
}
