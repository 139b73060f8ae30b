import type { Compression } from '../../../model/global-settings.ts';
import { differs, HONOURED, needsModule, unsupported } from '../../annotation.ts';
import { integer } from '../../grammar.ts';
import { patternProblem } from '../../pcre.ts';
import { bad, good } from '../../grammar.ts';
import { listOf } from '../grammars.ts';
import type { SettingReader } from '../reader.ts';
import { BOOL, BOTH, said, type Setting, type SettingGroup } from '../setting.ts';

const MEDIA =
  'application/atom+xml application/javascript application/x-javascript application/json application/rss+xml application/vnd.ms-fontobject application/x-font-ttf application/x-web-app-manifest+json application/xhtml+xml application/xml font/opentype image/svg+xml image/x-icon text/css text/javascript text/plain text/x-component';
const TYPES = {
  grammar: listOf(/^[\w.+-]+\/[\w.+*-]+$|^\*$/, 'a media type'),
  syntax: 'media types with spaces',
} as const;

const USE_GZIP: Setting<boolean> = {
  key: 'use-gzip',
  ...BOOL,
  fallback: 'false',
  about: 'Compress answers.',
  nginx: HONOURED,
  haproxy: differs('never for a User-Agent that begins with `Mozilla/4`, but for MSIE from 6 with SP2 on'),
};

const LEVEL: Setting<number> = {
  key: 'gzip-level',
  grammar: integer(1, 9),
  syntax: 'number from 1 to 9',
  ...BOTH,
  fallback: '1',
  about: 'How hard.',
};

const MIN_LENGTH: Setting<number> = {
  key: 'gzip-min-length',
  grammar: integer(0, 1_000_000_000),
  syntax: 'number of bytes',
  fallback: '256',
  about: 'Only answers that are so long.',
  nginx: HONOURED,
  haproxy: { status: 'gated', since: '3.2.0', below: 'differs', note: 'before version 3.2 of any length' },
};

const DISABLE: Setting<string> = {
  key: 'gzip-disable',
  grammar: (text) => {
    const problem = /^[ -~]{1,500}$/.test(text) ? patternProblem(text) : 'is not printable ASCII';
    return problem === undefined ? good(text) : bad(problem);
  },
  ...BOTH,
  syntax: 'regular expression',
  fallback: '',
  about: 'Not for clients whose User-Agent matches.',
};

const GZIP_TYPES: Setting<readonly string[]> = {
  key: 'gzip-types',
  ...TYPES,
  ...BOTH,
  fallback: MEDIA,
  about: 'Media types that are compressed, besides text/html.',
};

const BROTLI = needsModule('brotli', 'the stock nginx has no brotli; use-gzip compresses for all clients');
const NO_BROTLI = unsupported('HAProxy has no brotli; use-gzip compresses for all clients');

const USE_BROTLI: Setting<boolean> = {
  key: 'enable-brotli',
  ...BOOL,
  fallback: 'false',
  about: 'Compress answers for clients that take brotli.',
  nginx: BROTLI,
  haproxy: NO_BROTLI,
};

const BROTLI_LEVEL: Setting<number> = {
  key: 'brotli-level',
  grammar: integer(0, 11),
  syntax: 'number from 0 to 11',
  fallback: '4',
  about: 'How hard.',
  nginx: BROTLI,
  haproxy: NO_BROTLI,
};

const BROTLI_LENGTH: Setting<number> = {
  key: 'brotli-min-length',
  grammar: integer(0, 1_000_000_000),
  syntax: 'number of bytes',
  fallback: '20',
  about: 'Only answers that are so long.',
  nginx: BROTLI,
  haproxy: NO_BROTLI,
};

const BROTLI_TYPES: Setting<readonly string[]> = {
  key: 'brotli-types',
  ...TYPES,
  fallback: MEDIA,
  about: 'Media types that are compressed, besides text/html.',
  nginx: BROTLI,
  haproxy: NO_BROTLI,
};

export const COMPRESSION: SettingGroup = {
  name: 'Compression',
  settings: [USE_GZIP, LEVEL, MIN_LENGTH, DISABLE, GZIP_TYPES, USE_BROTLI, BROTLI_LEVEL, BROTLI_LENGTH, BROTLI_TYPES],
  read: (values) => ({ settings: said({ gzip: gzip(values), brotli: brotli(values) }) }),
};

function gzip(values: SettingReader): Compression | undefined {
  const found = {
    level: values.get(LEVEL) ?? 1,
    minLength: values.get(MIN_LENGTH) ?? 256,
    types: besidesHtml(values.get(GZIP_TYPES)),
    disable: values.get(DISABLE),
  };
  return values.get(USE_GZIP) === true ? found : undefined;
}

function brotli(values: SettingReader): Compression | undefined {
  const found = {
    level: values.get(BROTLI_LEVEL) ?? 4,
    minLength: values.get(BROTLI_LENGTH) ?? 20,
    types: besidesHtml(values.get(BROTLI_TYPES)),
    disable: undefined,
  };
  return values.get(USE_BROTLI) === true ? found : undefined;
}

/** nginx has that one in any case, and warns when it is named. */
function besidesHtml(types: readonly string[] | undefined): readonly string[] {
  return (types ?? MEDIA.split(' ')).filter((type) => type !== 'text/html');
}
