import { startBackends } from './backends.ts';
import { heading, say } from './show.ts';
import { startStage, type Stage } from './stage.ts';
import { tellStory } from './story.ts';

/*
 * npm run demo [-- --keep]: the main job, for real. Two backends and nginx on loopback, and sluice between nginx and
 * the manifests in docs/demo/manifests. Exit code 1 when an answer was not the expected one.
 */
const keep = process.argv.includes('--keep');
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort());

try {
  await runDemo();
} catch (error) {
  say(
    stop.signal.aborted ? '\nStopped.' : `\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exitCode = 1;
}

async function runDemo(): Promise<void> {
  const backends = await startBackends();
  try {
    const stage = await startStage(backends);
    try {
      await tellStory(stage);
      say('\nAll answers were as expected.');
      if (keep) await waitForStop(stage);
    } finally {
      await stage.end();
    }
  } finally {
    await backends.close();
  }
}

async function waitForStop({ root, manifests, httpPort, httpsPort }: Stage): Promise<void> {
  heading('It is left running. Try:');
  say(`  curl -i http://127.0.0.1:${httpPort}/ -H 'Host: pr-7.preview.example.com'`);
  say(`  curl -ik https://shop.example.com:${httpsPort}/api --resolve shop.example.com:${httpsPort}:127.0.0.1`);
  say(`  npm run -s sluice -- check -f ${manifests}`);
  say(`  less ${root}/config/current/hosts.conf`);
  say(`  tail -f ${root}/access.log`);
  say(`Edit the files in ${manifests} and ask again.`);
  say('Ctrl-C ends everything and removes the directory.');
  if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
}
