import assert from 'node:assert/strict';
import { formatOf } from '../../src/features/basic-auth/hashes.ts';
import { htpasswd, htpasswdUsers } from '../../src/render/quoting.ts';
import { BAR_APR1, BAR_MD5, BAR_SHA, BAR_SHA256, BAR_SHA512 } from '../behaviour/basic-auth.ts';
import { ask, HOSTILE, secret, type Answered, type Asking } from './guards-support.ts';

const NOWHERE = { type: 'status', status: 404 } as const;
const BASIC = { 'auth-type': 'basic', 'auth-secret': 'users' };

function withUsers(auth: string, more: Partial<Asking> = {}): Answered {
  return ask({ annotations: BASIC, secrets: [secret('users', { auth })], ...more });
}

const textOf = (auth: string, more?: Partial<Asking>): string | undefined => withUsers(auth, more).files[0]?.text;

describe('the family basic-auth', () => {
  it('reads lines of users, without comments, sorted', () => {
    const { route, files, told } = withUsers(`# all\r\n\r\nfoo:${BAR_SHA512}\r\nann:${BAR_MD5}:a comment\n`);
    assert.deepEqual(route?.basicAuth, {
      realm: '',
      file: 'file.htpasswd',
      openPaths: ['/.well-known/acme-challenge'],
    });
    assert.deepEqual(
      files.map(({ kind, text }) => [kind, text]),
      [['htpasswd', `ann:${BAR_MD5}\nfoo:${BAR_SHA512}\n`]],
    );
    assert.deepEqual(told, []);
  });

  it('reads a key for each user', () => {
    const secrets = [secret('users', { foo: `${BAR_SHA512}\n`, 'a.b': BAR_MD5 })];
    const { files } = ask({ annotations: { ...BASIC, 'auth-secret-type': 'auth-map' }, secrets });
    assert.equal(files[0]?.text, `a.b:${BAR_MD5}\nfoo:${BAR_SHA512}\n`);
  });

  it('names lines and users that are wrong, and never what the lines say', () => {
    const password = 'c4n4ry-password';
    const { told, files } = withUsers(
      [`foo:${BAR_SHA512}`, password, `ann:${password}`, `:${password}`, `a\0b:${password}`, `foo:${BAR_MD5}`].join(
        '\n',
      ),
    );
    assert.equal(files[0]?.text, `foo:${BAR_SHA512}\n`);
    assert.equal(told.length, 1);
    assert.match(
      told[0] ?? '',
      /^InvalidUsers: Secret shop\/users: line 2: .*line 4: .*line 5: .*line 3: .*"ann".*line 6: .*"foo"/,
    );
    assert.doesNotMatch(JSON.stringify(told), /c4n4ry|\$6\$/);
  });

  it('tells few of many lines that are wrong', () => {
    const { told } = withUsers(`foo:${BAR_SHA512}\n${'x\n'.repeat(5000)}`);
    assert.match(told[0] ?? '', /and 4995 more/);
    assert.ok((told[0] ?? '').length < 1000);
  });

  it('asks for a password where nobody has one, as ingress-nginx does', () => {
    for (const auth of ['foo:', '# nobody\n', '']) {
      for (const proxy of ['nginx', 'haproxy'] as const) {
        const { route, files } = withUsers(auth, { proxy });
        assert.equal(route?.closed, undefined);
        assert.equal(route?.basicAuth?.file, 'file.htpasswd');
        assert.equal(files[0]?.text, '');
      }
    }
  });

  it('leaves out who cannot log in with HAProxy', () => {
    const users = `apr1:${BAR_APR1}\nsha:${BAR_SHA}\nfoo:${BAR_SHA512}\n`;
    assert.equal(textOf(users, { proxy: 'haproxy' }), `foo:${BAR_SHA512}\n`);
    assert.equal(textOf(users), `apr1:${BAR_APR1}\nfoo:${BAR_SHA512}\nsha:${BAR_SHA}\n`);
    const { told } = withUsers(users, { proxy: 'haproxy' });
    assert.match(told[0] ?? '', /user "apr1" is apr1.*user "sha" is \{SHA\}, which HAProxy cannot verify/);
  });

  const closed: Readonly<Record<string, Answered>> = {
    'nobody is left': withUsers(`apr1:${BAR_APR1}`, { proxy: 'haproxy' }),
    'the key is missing': ask({ annotations: BASIC, secrets: [secret('users', { foo: BAR_SHA512 })] }),
    'the Secret is missing': ask({ annotations: BASIC }),
    'there is no Secret': ask({ annotations: { 'auth-type': 'basic' } }),
    'it is digest': withUsers(`foo:${BAR_SHA512}`, { annotations: { ...BASIC, 'auth-type': 'digest' } }),
    'the type is none': withUsers(`foo:${BAR_SHA512}`, { annotations: { ...BASIC, 'auth-type': 'basic-ish' } }),
    'the type of the Secret is none': withUsers(`foo:${BAR_SHA512}`, {
      annotations: { ...BASIC, 'auth-secret-type': 'auth-file2' },
    }),
    'the Secret is of another namespace': ask({
      annotations: { ...BASIC, 'auth-secret': 'other/users' },
      secrets: [secret('users', { auth: `foo:${BAR_SHA512}` }, 'other')],
    }),
  };
  for (const [why, { route, told }] of Object.entries(closed)) {
    it(`closes the route when ${why}`, () => {
      assert.notEqual(route?.closed, undefined);
      assert.equal(route?.basicAuth, undefined);
      assert.match(told.join('\n'), /RouteClosed|answers 503/);
    });
  }

  for (const text of [...HOSTILE, '../../etc/passwd', '/etc/passwd', 'a/b/c', 'Users', 'other/../users']) {
    it(`closes the route for a Secret that is called ${JSON.stringify(text).slice(0, 40)}`, () => {
      const { route, looked } = ask({ annotations: { ...BASIC, 'auth-secret': text } });
      assert.notEqual(route?.closed, undefined);
      assert.deepEqual(looked, []);
    });
  }

  it('takes a Secret of another namespace where that is allowed', () => {
    const secrets = [secret('users', { auth: `foo:${BAR_SHA512}` }, 'other')];
    const annotations = { ...BASIC, 'auth-secret': 'other/users' };
    assert.equal(
      ask({ annotations, secrets, globals: { allowCrossNamespaceResources: true } }).route?.closed,
      undefined,
    );
    assert.deepEqual(ask({ annotations, secrets }).looked, []);
  });

  it('asks for a password, whatever the realm says', () => {
    for (const text of [...HOSTILE, 'off', ' off ']) {
      const { route } = withUsers(`foo:${BAR_SHA512}`, { annotations: { ...BASIC, 'auth-realm': text } });
      assert.equal(route?.closed, undefined);
      assert.equal(route?.basicAuth?.realm, '');
    }
    const { route } = withUsers(`foo:${BAR_SHA512}`, { annotations: { ...BASIC, 'auth-realm': 'Members only: v1.2' } });
    assert.equal(route?.basicAuth?.realm, 'Members only: v1.2');
  });

  it('says that a Secret alone asks for nothing, as in ingress-nginx', () => {
    const { route, told } = ask({ annotations: { 'auth-secret': 'users' } });
    assert.equal(route, undefined);
    assert.match(told[0] ?? '', /^AnnotationIgnored: no auth-type/);
  });

  it('leaves paths open that the ConfigMap says', () => {
    const globals = { noAuthLocations: ['/open'] };
    const { route, refine } = withUsers(`foo:${BAR_SHA512}`, { globals });
    assert.ok(route);
    const at = (path: string) => {
      const facts = { host: 'h', path, match: 'prefix', service: undefined, fallback: NOWHERE } as const;
      return refine.reduce((features, change) => change(features, facts), route).basicAuth !== undefined;
    };
    assert.deepEqual(['/', '/open', '/open/x', '/close'].map(at), [true, false, false, true]);
  });

  it('knows hashes by their form', () => {
    const known = [BAR_SHA512, BAR_SHA256, BAR_MD5, BAR_APR1, BAR_SHA, '{PLAIN}bar', 'rqXexS6ZhobKA'];
    const bcrypt = `$2y$05$${'c'.repeat(53)}`;
    const yescrypt = `$y$j9T$${'s'.repeat(22)}$${'h'.repeat(43)}`;
    for (const text of [...known, bcrypt, yescrypt]) assert.notEqual(formatOf(text), undefined, text);
    for (const text of [
      'bar',
      '',
      '$6$abc',
      `${BAR_SHA512}x`,
      '$apr1$a',
      '{SHA}',
      `${BAR_MD5} `,
      '{PLAIN}a:b',
      ...HOSTILE,
    ])
      assert.equal(formatOf(text), undefined, text);
  });
});

describe('the helpers for users', () => {
  it('pass on what is a list of users only', () => {
    const list = `a b:${BAR_SHA512}\nß:{PLAIN}x y`.replace(' y', '"\'$%[src]');
    assert.equal(htpasswd(`${list}\n`), `${list}\n`);
    assert.equal(htpasswd(''), '');
    const bad = [
      'a:b',
      '\n',
      'a\n',
      ':b\n',
      '#a:b\n',
      ' a:b\n',
      'a :b\n',
      'a:b c\n',
      'a:b:c\n',
      'a\rb:c\n',
      'a:b\n\n',
      'a\u2028:b\n',
    ];
    for (const text of bad) assert.throws(() => htpasswd(text), RangeError, JSON.stringify(text));
  });

  it('tell passwords in clear from hashes', () => {
    assert.deepEqual(htpasswdUsers(''), []);
    assert.deepEqual(htpasswdUsers(`ann:{PLAIN}b:r\nfoo:${BAR_SHA512}\n`.replace('b:r', 'bar')), [
      { name: 'ann', secret: 'bar', isPlain: true },
      { name: 'foo', secret: BAR_SHA512, isPlain: false },
    ]);
  });
});
