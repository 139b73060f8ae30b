import { parseArgs } from 'node:util';
import { describeFailure, runCampaign } from './campaign.ts';
import { fuzzTargets } from './proxies.ts';
import { answerOfNeighbour } from './serve.ts';

/* `npm run fuzz -- --seed 7 --count 20000`: exits with 1, and the smallest world that shows it, when something escapes. */

const { values } = parseArgs({
  options: { seed: { type: 'string' }, count: { type: 'string' }, batch: { type: 'string' } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
const count = Number(values.count ?? 5000);
const batch = Number(values.batch ?? 250);
if (![seed, count, batch].every((value) => Number.isInteger(value) && value > 0)) {
  throw new Error('--seed, --count and --batch are whole numbers');
}

const targets = await fuzzTargets();
const versions = targets.map(({ name, version }) => `${name} ${version}`).join(', ');
console.log(`seed ${seed}: ${count} scenarios of hostile objects for each of ${versions}`);
const progress = (done: number) => console.log(`${done} of ${count}`);
const result = runCampaign({ seed, count, batch, targets, progress });
if (result.failure === undefined) {
  for (const target of targets) {
    const backend = await answerOfNeighbour(target, result);
    console.log(`${target.name} ${target.version} runs with the last world: ${backend} answers`);
  }
} else {
  console.error(describeFailure(result.failure, seed));
  process.exitCode = 1;
}
