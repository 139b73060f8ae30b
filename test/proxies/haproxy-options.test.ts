import assert from 'node:assert/strict';
import { EMPTY_MODEL } from '../../src/model/routing.ts';
import { inheritedOptions } from '../../src/proxies/haproxy-options.ts';
import { rendererFor } from '../support/pack.ts';
import { SETTINGS } from '../support/objects.ts';

describe('inheritedOptions', () => {
  const cases: readonly { readonly name: string; readonly text: string; readonly want: string | undefined }[] = [
    { name: 'none', text: 'global\ndefaults\n    mode http\n', want: '' },
    {
      name: 'those of defaults, in order, and of no other section',
      text: 'global\ndefaults\n    default-server maxconn 1\n    default-server  weight 2\nbackend x\n    default-server maxconn 3\n',
      want: 'maxconn 1 weight 2',
    },
    {
      name: 'nothing certain when there are two sections of defaults',
      text: 'defaults\n    default-server maxconn 1\ndefaults other\n    mode http\n',
      want: undefined,
    },
  ];
  for (const { name, text, want } of cases) {
    it(`are ${name}`, () => assert.equal(inheritedOptions(text), want));
  }

  it('are the idle connections with the templates that come with sluice', async () => {
    const render = await rendererFor('haproxy', '2.6.12');
    const { bundle } = render(EMPTY_MODEL, SETTINGS);
    assert.equal(inheritedOptions(bundle.files.get('haproxy.cfg')?.text ?? ''), 'pool-max-conn 32');
  });
});
