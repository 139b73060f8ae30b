import type { TargetProxy } from '../model/options.ts';
import { isAtLeast } from '../model/version.ts';
import type { Annotation, Support } from './annotation.ts';

/** How a key fares on one proxy of one version. */
export interface Verdict {
  readonly isHonoured: boolean;
  /** What differs, or why it is not honoured; `undefined` when there is nothing to say. */
  readonly note: string | undefined;
}

const YES: Verdict = { isHonoured: true, note: undefined };

export function judge(annotation: Annotation<unknown>, family: string, proxy: TargetProxy): Verdict {
  const support = supportOf(annotation, proxy.name);
  if (support === undefined) return { isHonoured: false, note: `the templates of ${proxy.name} do not express it` };
  if (!proxy.families.includes('*') && !proxy.families.includes(family)) {
    return { isHonoured: false, note: `the templates in use do not express ${family}: see "features" of pack.json` };
  }
  return judgeSupport(support, proxy);
}

/** How a key with that support fares. */
export function judgeSupport(support: Support, proxy: TargetProxy): Verdict {
  switch (support.status) {
    case 'honoured':
      return YES;
    case 'differs':
      return { isHonoured: true, note: support.note };
    case 'unsupported':
      return { isHonoured: false, note: support.note };
    case 'gated': {
      const { since, module, below, note } = support;
      const isNewEnough = since === undefined || isAtLeast(proxy.version, since);
      const hasModule = module === undefined || proxy.modules.some((name) => name.includes(module));
      return isNewEnough && hasModule ? YES : { isHonoured: below === 'differs', note };
    }
  }
}

/** `undefined` for a proxy that annotations say nothing of. */
export function supportOf(annotation: Annotation<unknown>, proxy: string): Support | undefined {
  if (proxy === 'nginx') return annotation.nginx;
  return proxy === 'haproxy' ? annotation.haproxy : undefined;
}
