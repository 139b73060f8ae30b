import { differs, HONOURED, unsupported } from '../../annotation.ts';
import { choice } from '../../grammar.ts';
import { listOf } from '../grammars.ts';
import { BOOL, BOTH, said, type Setting, type SettingGroup } from '../setting.ts';

const SNIPPETS: Setting<boolean> = {
  key: 'allow-snippet-annotations',
  ...BOOL,
  fallback: 'false',
  about: 'Annotations may hold configuration in the language of the proxy.',
  nginx: HONOURED,
  haproxy: unsupported('snippets are in the language of nginx'),
};

const CROSS_NAMESPACE: Setting<boolean> = {
  key: 'allow-cross-namespace-resources',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Annotations may name Secrets and ConfigMaps of other namespaces.',
};

const RISK_LEVEL = {
  key: 'annotations-risk-level',
  grammar: choice('Low', 'Medium', 'High', 'Critical'),
  ...BOTH,
  syntax: 'Low, Medium, High or Critical',
  fallback: 'High',
  about: 'An Ingress with an annotation of a higher risk is not served.',
} as const satisfies Setting<string>;

const BLOCKLIST: Setting<readonly string[]> = {
  key: 'annotation-value-word-blocklist',
  grammar: listOf(/^[ -~]+$/, 'printable ASCII', /,/),
  ...BOTH,
  syntax: 'words with commas',
  fallback: '',
  about: 'An Ingress with one of these in the value of an annotation is not served.',
};

const ADMISSION = differs(
  'checked when the configuration is made, as sluice has no webhook: such a path is not served',
);

const STRICT_PATHS: Setting<boolean> = {
  key: 'strict-validate-path-type',
  ...BOOL,
  fallback: 'true',
  keeps: 'sluice has no webhook that could have refused such a path before',
  about: 'Paths of the types Exact and Prefix hold letters, digits and `-_./` only.',
  nginx: ADMISSION,
  haproxy: ADMISSION,
};

const RESPONSE_HEADERS: Setting<readonly string[]> = {
  key: 'global-allowed-response-headers',
  grammar: listOf(/^[A-Za-z0-9_-]+$/, 'the name of a header'),
  ...BOTH,
  syntax: 'names of headers with commas',
  fallback: '',
  about: 'Headers that the annotation `custom-headers` may set.',
};

/** What Ingresses may ask for. */
export const SECURITY: SettingGroup = {
  name: 'Security',
  settings: [SNIPPETS, CROSS_NAMESPACE, RISK_LEVEL, BLOCKLIST, STRICT_PATHS, RESPONSE_HEADERS],
  read: (values) => ({
    globals: said({
      allowSnippetAnnotations: values.get(SNIPPETS),
      allowCrossNamespaceResources: values.get(CROSS_NAMESPACE),
      annotationsRiskLevel: values.get(RISK_LEVEL),
      annotationValueBlocklist: values.get(BLOCKLIST),
      strictPathTypes: values.get(STRICT_PATHS),
      allowedResponseHeaders: values
        .get(RESPONSE_HEADERS)
        ?.map((name) => name.toLowerCase())
        .sort(),
    }),
  }),
};
