import { CLUSTER_FLAGS, RENDER_FLAGS, TARGET_FLAGS, TRANSLATE_FLAGS, type ValuesOf } from '../flags.ts';

/** Those of `run`, but the Ingresses of ingress-nginx are looked at: whoever audits has not moved yet. */
const CHOICE_FLAGS = {
  ...TRANSLATE_FLAGS,
  'ingress-class': {
    ...TRANSLATE_FLAGS['ingress-class'],
    fallback: 'nginx',
    help: 'name of the class to look at',
  },
  'controller-name': {
    ...TRANSLATE_FLAGS['controller-name'],
    fallback: 'k8s.io/ingress-nginx',
    help: 'spec.controller of the IngressClasses to look at',
  },
} as const;

export const AUDIT_FLAGS = { ...RENDER_FLAGS, ...CHOICE_FLAGS, ...CLUSTER_FLAGS } as const;

export type AuditValues = ValuesOf<typeof AUDIT_FLAGS>;

/** Headings of `--help`; flags that make no difference to the report are left out. */
export const AUDIT_GROUPS = {
  'Which Ingresses:': CHOICE_FLAGS,
  'The proxy to move to:': {
    proxy: TARGET_FLAGS.proxy,
    'proxy-binary': TARGET_FLAGS['proxy-binary'],
    'proxy-version': {
      ...TARGET_FLAGS['proxy-version'],
      help: 'its version (default: ask the program; without one, the newest that sluice knows)',
    },
    templates: TARGET_FLAGS.templates,
  },
  'The cluster, without --filename:': CLUSTER_FLAGS,
} as const;
