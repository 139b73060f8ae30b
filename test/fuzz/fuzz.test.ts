import assert from 'node:assert/strict';
import { describeFailure, minimise, runCampaign } from './campaign.ts';
import { fuzzTargets, type Target } from './proxies.ts';
import { answerOfNeighbour } from './serve.ts';

const SEED = 20_261_124;

describe(`hostile objects of seed ${SEED}`, () => {
  let targets: readonly Target[] = [];
  before(async () => {
    targets = await fuzzTargets();
  });

  it('stay in their places, whatever the proxy, and the neighbour answers', async function () {
    this.timeout(120_000);
    const result = runCampaign({ seed: SEED, count: 200, batch: 50, targets, progress: () => undefined });
    assert.equal(result.failure && describeFailure(result.failure, SEED), undefined);
    for (const target of targets) assert.equal(await answerOfNeighbour(target, result), 'neighbour');
  });

  it('are told by the fewest that show it, when a proxy is given more than the model implies', function () {
    this.timeout(120_000);
    const [honest] = targets;
    assert.ok(honest !== undefined);
    const target: Target = {
      ...honest,
      render: (model, settings) => {
        const rendered = honest.render(model, settings);
        const file = rendered.bundle.files.get('hosts.conf');
        const isHostile = model.hosts.some(({ name }) => name === 'hostile-3-n.test');
        if (file === undefined || !isHostile) return rendered;
        const files = new Map(rendered.bundle.files).set('hosts.conf', { ...file, text: `${file.text}server { }` });
        return { ...rendered, bundle: { ...rendered.bundle, files } };
      },
    };
    const result = runCampaign({ seed: SEED, count: 8, batch: 8, targets: [target], progress: () => undefined });
    assert.ok(result.failure !== undefined);
    assert.match(
      describeFailure(result.failure, SEED),
      /hosts\.conf: line \d+: \["server"\] \{ where nothing is implied/,
    );
    assert.deepEqual(
      [
        ...new Set(
          result.failure.scenarios.flat().map((raw) => JSON.stringify(raw['metadata']).includes('hostile-3-n')),
        ),
      ],
      [true],
    );
  });

  it('are made fewer without losing what fails', () => {
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    const fails = (some: readonly number[]) => some.includes(17) && some.includes(80);
    assert.deepEqual(minimise(numbers, fails), [17, 80]);
  });
});
