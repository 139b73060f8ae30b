import { differs, unsupported } from '../../annotation.ts';
import { choice, matching } from '../../grammar.ts';
import { BOOL, BOTH, said, type Setting, type SettingGroup } from '../setting.ts';

const EWMA = 'ewma is the endpoint with fewer connections of two at random';

const LOAD_BALANCE = {
  key: 'load-balance',
  grammar: choice('round_robin', 'ewma'),
  syntax: 'round_robin or ewma',
  fallback: 'round_robin',
  about: 'How an endpoint is chosen, where no annotation says so.',
  nginx: differs(EWMA),
  haproxy: differs(EWMA),
} as const satisfies Setting<string>;

const SERVICE_UPSTREAM: Setting<boolean> = {
  key: 'service-upstream',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'The cluster IP of a Service in place of its endpoints, where no annotation says so.',
};

const PER_INGRESS = unsupported('use the annotation of the same name');

const HASH_BY: readonly Setting<string>[] = [
  'upstream-hash-by',
  'upstream-hash-by-subset',
  'upstream-hash-by-subset-size',
].map((key) => ({
  key,
  grammar: matching(/^[A-Za-z0-9\-_${}]*$/, 'of letters, digits and variables only'),
  syntax: 'as the annotation',
  fallback: '',
  about: 'Requests that are alike go to the same endpoint.',
  nginx: PER_INGRESS,
  haproxy: PER_INGRESS,
}));

export const BALANCE: SettingGroup = {
  name: 'Choice of endpoints',
  settings: [LOAD_BALANCE, SERVICE_UPSTREAM, ...HASH_BY],
  read: (values) => {
    for (const setting of HASH_BY) values.get(setting);
    return { globals: said({ loadBalance: values.get(LOAD_BALANCE), serviceUpstream: values.get(SERVICE_UPSTREAM) }) };
  },
};
