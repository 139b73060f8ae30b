import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseHost, parsePath, type Parsed } from '../../src/translate/grammar.ts';

const LABEL = 'a'.repeat(63);

const HOSTS: readonly { readonly host: string; readonly problem?: RegExp }[] = [
  { host: 'example.com' },
  { host: 'localhost' },
  { host: 'a-b.c--d.example' },
  { host: '1.example.com' },
  { host: '0x7f.1' },
  { host: 'xn--bcher-kva.example' },
  { host: '*.example.com' },
  { host: '*.com' },
  { host: `${LABEL}.example.com` },
  { host: [LABEL, LABEL, LABEL, 'a'.repeat(61)].join('.') },
  { host: [LABEL, LABEL, LABEL, 'a'.repeat(62)].join('.'), problem: /longer than 253/ },
  { host: `${LABEL}a.example.com`, problem: /not a DNS name/ },
  { host: 'Example.com', problem: /upper case/ },
  { host: '\u212aubernetes.example', problem: /not a DNS name/ },
  { host: '\u0130.example', problem: /not a DNS name/ },
  { host: '127.0.0.1', problem: /IP address/ },
  { host: '999.999.999.999', problem: /IP address/ },
  { host: '[::1]', problem: /not a DNS name/ },
  { host: '::1', problem: /not a DNS name/ },
  { host: '*', problem: /not a DNS name/ },
  { host: '*.', problem: /not a DNS name/ },
  { host: '*.*.example.com', problem: /not a DNS name/ },
  { host: 'a.*.example.com', problem: /not a DNS name/ },
  { host: 'w*.example.com', problem: /not a DNS name/ },
  { host: '_dmarc.example.com', problem: /not a DNS name/ },
  { host: '-a.example.com', problem: /not a DNS name/ },
  { host: 'a-.example.com', problem: /not a DNS name/ },
  { host: 'example.com.', problem: /not a DNS name/ },
  { host: '.example.com', problem: /not a DNS name/ },
  { host: 'a..b', problem: /not a DNS name/ },
  { host: 'example.com:443', problem: /not a DNS name/ },
  { host: 'example.com/', problem: /not a DNS name/ },
  { host: 'https://example.com', problem: /not a DNS name/ },
  { host: ' example.com', problem: /not a DNS name/ },
  { host: 'example.com ', problem: /not a DNS name/ },
  { host: 'example.com\n', problem: /not a DNS name/ },
  { host: 'example.com\r\nevil.example.com', problem: /not a DNS name/ },
  { host: 'example.com; } server {', problem: /not a DNS name/ },
  { host: '$host', problem: /not a DNS name/ },
  { host: '~^.*$', problem: /not a DNS name/ },
  { host: '"example.com"', problem: /not a DNS name/ },
  { host: "example.com'", problem: /not a DNS name/ },
  { host: 'example\\.com', problem: /not a DNS name/ },
  { host: 'example.com#', problem: /not a DNS name/ },
  { host: 'example\u0000.com', problem: /not a DNS name/ },
  { host: 'example\u2028.com', problem: /not a DNS name/ },
  { host: 'bücher.example', problem: /not a DNS name/ },
  // The Kelvin sign, whose lower case is the letter k.
  { host: 'ex\u212ample.com', problem: /not a DNS name/ },
];

const PATHS: readonly { readonly path: string; readonly value?: string; readonly problem?: RegExp }[] = [
  { path: '/' },
  { path: '/cart' },
  { path: '/cart/' },
  { path: '/a/b-c_d.e~f' },
  { path: '/!&()*+,=:@' },
  { path: '/...' },
  { path: '/.well-known/acme-challenge' },
  { path: '/a..b/..c/d..' },
  { path: `/${'a'.repeat(1023)}` },
  { path: '', value: '/' },
  { path: '/caf%c3%a9', value: '/caf%C3%A9' },
  { path: '/a%20b' },
  { path: '/%22%27%5C%3B%7B%7D%23%3F', value: '/%22%27%5C%3B%7B%7D%23%3F' },
  { path: '/%25' },
  { path: '/%2541', value: '/%2541' },
  { path: '/%41%2d%7e', value: '/A-~' },
  { path: '/a%2Bb%3d', value: '/a+b=' },
  { path: '/%21%26%28%29%2A%2C%3A%40', value: '/!&()*,:@' },
  { path: '/%F0%9F%9B%92' },
  { path: 'cart', problem: /does not start with "\/"/ },
  { path: '*', problem: /does not start with "\/"/ },
  { path: '~ ^/', problem: /does not start with "\/"/ },
  { path: ' /cart', problem: /does not start with "\/"/ },
  { path: `/${'a'.repeat(1024)}`, problem: /longer than 1024/ },
  { path: '/a\nb', problem: /holds U\+000A/ },
  { path: '/a\rb', problem: /holds U\+000D/ },
  { path: '/a\tb', problem: /holds U\+0009/ },
  { path: '/a\u0000b', problem: /holds U\+0000/ },
  { path: '/a\u007fb', problem: /holds U\+007F/ },
  { path: '/a\u2028b', problem: /holds U\+2028/ },
  { path: '/a b', problem: /holds U\+0020/ },
  { path: '/é', problem: /holds U\+00E9/ },
  { path: '/🛒', problem: /holds U\+1F6D2/ },
  { path: '/a;', problem: /holds ";"/ },
  { path: '/{', problem: /holds "\{"/ },
  { path: '/}', problem: /holds "\}"/ },
  { path: '/$host', problem: /holds "\$"/ },
  { path: '/"', problem: /holds """/ },
  { path: "/'", problem: /holds "'"/ },
  { path: '/#', problem: /holds "#"/ },
  { path: '/\\', problem: /holds "\\"/ },
  { path: '/?a=b', problem: /holds "\?"/ },
  { path: '/<', problem: /holds "<"/ },
  { path: '/`', problem: /holds "`"/ },
  { path: '/|', problem: /holds "\|"/ },
  { path: '/^', problem: /holds "\^"/ },
  { path: '/[', problem: /holds "\["/ },
  { path: '/%', problem: /"%" that is not the start/ },
  { path: '/%z', problem: /"%" that is not the start/ },
  { path: '/%zz', problem: /"%" that is not the start/ },
  { path: '/%ff', problem: /"%" that is not the start/ },
  { path: '/%c0%af', problem: /"%" that is not the start/ },
  { path: '/%ed%a0%80', problem: /"%" that is not the start/ },
  { path: '/%00', problem: /holds U\+0000 in percent-encoding/ },
  { path: '/%0a', problem: /holds U\+000A in percent-encoding/ },
  { path: '/%0D%0A', problem: /holds U\+000D in percent-encoding/ },
  { path: '/%7f', problem: /holds U\+007F in percent-encoding/ },
  { path: '/%24', problem: /holds "\$" in percent-encoding/ },
  { path: '/%c2%85', problem: /holds U\+0085 in percent-encoding/ },
  { path: '/%e2%80%a8', problem: /holds U\+2028 in percent-encoding/ },
  { path: '/%2f', problem: /holds "%2F"/ },
  { path: '/a%2Fb', problem: /holds "%2F"/ },
  { path: '//', problem: /holds "\/\/"/ },
  { path: '/a//b', problem: /holds "\/\/"/ },
  { path: '/..', problem: /"\/..\/"/ },
  { path: '/a/../b', problem: /"\/..\/"/ },
  { path: '/a/./b', problem: /"\/.\/"/ },
  { path: '/a/.', problem: /"\/.\/"/ },
  { path: '/%2e%2e/b', problem: /"\/..\/"/ },
  { path: '/a/%2E', problem: /"\/.\/"/ },
];

function check(parsed: Parsed, value: string, problem: RegExp | undefined): void {
  if (problem === undefined) assert.deepEqual(parsed, { ok: true, value });
  else assert.match(parsed.ok ? `is taken as ${parsed.value}` : parsed.problem, problem);
}

describe('the grammar of hosts', () => {
  for (const { host, problem } of HOSTS) {
    it(`${problem === undefined ? 'takes' : 'refuses'} ${JSON.stringify(host)}`, () =>
      check(parseHost(host), host, problem));
  }
});

describe('the grammar of paths', () => {
  for (const { path, value = path, problem } of PATHS) {
    it(`${problem === undefined ? 'takes' : 'refuses'} ${JSON.stringify(path)}`, () =>
      check(parsePath(path), value, problem));
  }

  it('gives two paths that are the same to a proxy, which decodes them, as one', () => {
    const octet = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(octet, fc.boolean(), (character, upper) => {
        const hex = character.charCodeAt(0).toString(16);
        const [plain, encoded] = [parsePath(`/a${character}b`), parsePath(`/a%${upper ? hex.toUpperCase() : hex}b`)];
        if (plain.ok && encoded.ok) assert.equal(encoded.value, plain.value);
      }),
    );
  });

  it('gives a path that it takes back unchanged when it is parsed again', () => {
    const piece = fc.constantFrom('/', 'a', '.', '%', '2', 'F', '%41', '%C3%A9', '%25', '%2e', '%20', '-', '%5b');
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);
    fc.assert(
      fc.property(text, (path) => {
        const first = parsePath(path);
        if (first.ok) assert.deepEqual(parsePath(first.value), first);
      }),
    );
  });

  it('takes whatever it takes without changing what the path means', () => {
    fc.assert(
      fc.property(fc.webPath(), (path) => {
        const parsed = parsePath(path);
        if (parsed.ok && path !== '') assert.equal(decodeURIComponent(parsed.value), decodeURIComponent(path));
      }),
    );
  });
});
