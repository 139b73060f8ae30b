import { injectFaults } from './faults.ts';
import { applierFor, proxyOf, SCENARIOS, type Disturbed } from './crash-scenarios.ts';
import { forever } from './wait.ts';

/*
 * A sluice that is killed: starts and applies the next configuration of a scenario, and sends itself SIGKILL before the
 * call to the disk of that number, or when it is half done. Prints the changing calls, one a line, when it comes to the end.
 */

const [scenarioName, at, when, where = ''] = process.argv.slice(2);
const scenario = SCENARIOS.find(({ name }) => name === scenarioName);
if (scenario === undefined) throw new Error('no such scenario');
const { configDir, owner }: Disturbed = parse(where);

const calls: string[] = [];
await injectFaults(configDir, async ({ name, isChange, half }) => {
  if (!isChange) return;
  calls.push(`${name}${half === undefined ? '' : ' in parts'}`);
  if (calls.length !== Number(at)) return;
  if (when === 'half') await half?.();
  process.kill(process.pid, 'SIGKILL');
  // A signal to oneself is delivered before kill() returns; should it not be, nothing more may happen.
  await new Promise(() => undefined);
});
const applier = applierFor({ configDir, owner }, proxyOf(scenario, configDir));
await applier.start(forever);
await applier.apply(scenario.next, forever);
console.log(calls.join('\n'));

function parse(text: string): Disturbed {
  const [directory = '', uid, gid] = text.split(',');
  const given = uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
  return { configDir: directory, owner: given };
}
