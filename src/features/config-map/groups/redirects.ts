import { choice } from '../../grammar.ts';
import { pathPrefixes } from '../grammars.ts';
import { BOOL, BOTH, said, type Setting, type SettingGroup } from '../setting.ts';

const SSL_REDIRECT: Setting<boolean> = {
  key: 'ssl-redirect',
  ...BOOL,
  ...BOTH,
  fallback: 'true',
  about: 'Plain HTTP is redirected to https where the host has TLS; one slash at the end of the URI is cut.',
};

const FORCE: Setting<boolean> = {
  key: 'force-ssl-redirect',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Everywhere.',
};

const CODE = {
  key: 'http-redirect-code',
  grammar: choice('301', '302', '307', '308'),
  ...BOTH,
  syntax: '301, 302, 307 or 308',
  fallback: '308',
  about: 'Status of that redirect.',
} as const satisfies Setting<string>;

const NEVER: Setting<readonly string[]> = {
  key: 'no-tls-redirect-locations',
  grammar: pathPrefixes,
  ...BOTH,
  syntax: 'starts of paths with commas',
  fallback: '/.well-known/acme-challenge',
  about: 'Paths that are never redirected to https.',
};

const PRESERVE: Setting<boolean> = {
  key: 'preserve-trailing-slash',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'The slash at the end stays.',
};

const RELATIVE: Setting<boolean> = {
  key: 'relative-redirects',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Redirects to a path stay without scheme and host.',
};

const WITH_PORT: Setting<boolean> = {
  key: 'use-port-in-redirects',
  ...BOOL,
  ...BOTH,
  fallback: 'false',
  about: 'Redirects name the port, also where it is the usual one.',
};

const CODES = { 301: 301, 302: 302, 307: 307, 308: 308 } as const;

export const REDIRECTS: SettingGroup = {
  name: 'Redirects',
  settings: [SSL_REDIRECT, FORCE, CODE, NEVER, PRESERVE, RELATIVE, WITH_PORT],
  read: (values) => {
    const code = values.get(CODE);
    const ssl = values.get(SSL_REDIRECT);
    const [force, preserve] = [values.get(FORCE), values.get(PRESERVE)];
    const isSaid = [ssl, force, preserve].some((value) => value !== undefined);
    return {
      settings: {
        ...(code === undefined ? {} : { redirectCode: CODES[code] }),
        ...(isSaid ? { cutTrailingSlash: preserve !== true } : {}),
      },
      globals: said({
        sslRedirect: ssl,
        forceSslRedirect: force,
        preserveTrailingSlash: preserve,
        noTlsRedirectLocations: values.get(NEVER),
        relativeRedirects: values.get(RELATIVE),
        usePortInRedirects: values.get(WITH_PORT),
      }),
    };
  },
};
