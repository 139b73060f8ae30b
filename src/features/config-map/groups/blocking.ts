import type { BlockedText } from '../../../model/global-settings.ts';
import type { ProxySettings } from '../../../model/options.ts';
import { HONOURED, since, unsupported } from '../../annotation.ts';
import { quoteText } from '../../../model/diagnostics.ts';
import { bad, choice, good, integer } from '../../grammar.ts';
import { blockedTexts, byProtocol, looseCidrs, type LooseCidrs } from '../grammars.ts';
import type { SettingReader } from '../reader.ts';
import { BOOL, BOTH, COUNT, said, type Setting, type SettingGroup } from '../setting.ts';

const ERRORS: Setting<readonly number[]> = {
  key: 'custom-http-errors',
  grammar: (text) => {
    const items = text.split(',').flatMap((item) => (item.trim() === '' ? [] : item.trim()));
    if (!items.every((item) => /^[45]\d\d$/.test(item))) return bad('is not a list of codes from 400 to 599');
    return good([...new Set(items.map(Number))].sort((left, right) => left - right));
  },
  syntax: 'codes with commas',
  fallback: '',
  about: 'Answers with these codes come from the default backend.',
  nginx: HONOURED,
  haproxy: unsupported('HAProxy cannot ask another server after one has answered'),
};

const OWN_ERRORS: Setting<boolean> = {
  key: 'disable-proxy-intercept-errors',
  ...BOOL,
  fallback: 'false',
  about: 'Answers of endpoints stay as they are.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

const BLOCK_CIDRS: Setting<LooseCidrs> = {
  key: 'block-cidrs',
  grammar: looseCidrs,
  ...BOTH,
  syntax: 'CIDRs with commas',
  fallback: '',
  about: 'Clients that are answered 403.',
};

const BLOCK_AGENTS: Setting<readonly BlockedText[]> = {
  key: 'block-user-agents',
  grammar: blockedTexts,
  ...BOTH,
  syntax: 'texts with commas; `~*` and a regular expression',
  fallback: '',
  about: 'Clients with such a User-Agent are answered 403.',
};

const BLOCK_REFERERS: Setting<readonly BlockedText[]> = {
  ...BLOCK_AGENTS,
  key: 'block-referers',
  about: 'Clients with such a Referer are answered 403.',
};

const ALLOW: Setting<LooseCidrs> = {
  key: 'whitelist-source-range',
  grammar: looseCidrs,
  ...BOTH,
  syntax: 'CIDRs with commas',
  fallback: '',
  about: 'Only these clients, where no annotation says otherwise.',
};

const DENY: Setting<LooseCidrs> = {
  key: 'denylist-source-range',
  grammar: looseCidrs,
  ...BOTH,
  syntax: 'CIDRs with commas',
  fallback: '',
  about: 'Not these clients, where no annotation says otherwise.',
};

const STATUS = { grammar: integer(400, 599), syntax: 'code from 400 to 599', fallback: '503' } as const;

const REQUEST_STATUS: Setting<number> = {
  key: 'limit-req-status-code',
  ...STATUS,
  ...BOTH,
  about: 'Answer to a client that sends too many requests.',
};

const CONNECTION_STATUS: Setting<number> = {
  key: 'limit-conn-status-code',
  ...STATUS,
  ...BOTH,
  about: 'Answer to a client that has too many connections.',
};

const ZONE = {
  key: 'limit-conn-zone-variable',
  grammar: choice('$binary_remote_addr'),
  ...BOTH,
  syntax: '`$binary_remote_addr`',
  fallback: '$binary_remote_addr',
  about: 'What a client is, for limits: its address, and nothing else.',
} as const satisfies Setting<string>;

const BANDWIDTH = since('2.7.0', 'unsupported', 'HAProxy limits bandwidth since version 2.7');

const RATE: Setting<number> = {
  key: 'limit-rate',
  ...COUNT,
  fallback: '0',
  about: 'Kilobytes a second of each answer; 0: no limit.',
  nginx: HONOURED,
  haproxy: BANDWIDTH,
};

const RATE_AFTER: Setting<number> = {
  key: 'limit-rate-after',
  ...COUNT,
  fallback: '0',
  about: 'Kilobytes before the limit begins.',
  nginx: HONOURED,
  haproxy: unsupported('HAProxy limits from the first byte on'),
};

/** What is refused. */
export const BLOCKING: SettingGroup = {
  name: 'Errors, limits, and who is refused',
  settings: [
    ERRORS,
    OWN_ERRORS,
    BLOCK_CIDRS,
    BLOCK_AGENTS,
    BLOCK_REFERERS,
    ALLOW,
    DENY,
    REQUEST_STATUS,
    CONNECTION_STATUS,
    ZONE,
    RATE,
    RATE_AFTER,
  ],
  read: (values) => {
    values.get(ZONE);
    const blocked = addresses(BLOCK_CIDRS, values);
    const [limitRate, limitRateAfter] = [values.get(RATE), values.get(RATE_AFTER)];
    const settings = said<Partial<ProxySettings>>({
      blockedAddresses: blocked === undefined ? undefined : byProtocol(blocked),
      blockedAgents: values.get(BLOCK_AGENTS),
      blockedReferers: values.get(BLOCK_REFERERS),
      limitRequestStatus: values.get(REQUEST_STATUS),
      limitConnectionStatus: values.get(CONNECTION_STATUS),
    });
    const globals = said({
      customHttpErrors: values.get(ERRORS),
      disableProxyInterceptErrors: values.get(OWN_ERRORS),
      allowedSources: nobodyIfNone(addresses(ALLOW, values)),
      deniedSources: addresses(DENY, values),
      limitRate,
      limitRateAfter,
    });
    return { settings, globals };
  },
};

function addresses(setting: Setting<LooseCidrs>, values: SettingReader): readonly string[] | undefined {
  const found = values.get(setting);
  for (const item of found?.wrong ?? []) {
    values.refuse(setting, `holds ${quoteText(item)}, which is no IP address or CIDR`, 'only the others count');
  }
  return found?.cidrs;
}

/** A list of which nothing is right lets nobody in. */
function nobodyIfNone(list: readonly string[] | undefined): readonly string[] | undefined {
  return list?.length === 0 ? ['0.0.0.0/32'] : list;
}
