// Checks template.yml without a cloud.
//
//   node check.mjs [FILE]          checks FILE (default: the template.yml of this repository)
//   node check.mjs --self-test     damages the template in memory, and expects each damage to be refused
//
// The vendor publishes each ROS resource type as a class that validates its properties. The template is evaluated for
// some deployments, each resource is rendered by its class, and what comes out is compared with what was written.

import { fileURLToPath } from 'node:url';
import { DAMAGES } from './damages.mjs';
import { Refusal, refuse } from './language.mjs';

const TEMPLATE = fileURLToPath(new URL('../../template.yml', import.meta.url));

async function main(argument, ...rest) {
  const selfTesting = argument === '--self-test';
  if (rest.length > 0 || (argument?.startsWith('-') && !selfTesting)) {
    refuse('usage: node check.mjs [--self-test | FILE]');
  }
  const { check, read } = await import('./checks.mjs').catch(explainMissingPackage);
  const template = read(selfTesting ? TEMPLATE : (argument ?? TEMPLATE));
  const renderings = check(template);
  if (selfTesting) selfTest(template, check);
  else report(template, renderings);
}

function explainMissingPackage(error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  refuse('not checked, because packages are missing: run `npm ci` in tests/template.');
}

function report(template, renderings) {
  for (const [id, { Type, Condition }] of Object.entries(template.Resources)) {
    const counts = renderings.map((rendering) => rendering.get(id) ?? 0);
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    const keys = least === most ? `${most}` : `${least} to ${most}`;
    const condition = Condition ? `  if ${Condition}` : '';
    console.log(`${id.padEnd(20)}  ${Type.padEnd(31)}  ${keys.padStart(8)} keys${condition}`);
  }
  console.log(`template.yml: ${Object.keys(template.Resources).length} resources, ${renderings.length} renderings, ok`);
}

function selfTest(template, check) {
  let wrong = 0;
  for (const [what, damage, expected] of DAMAGES) {
    const damaged = structuredClone(template);
    damage(damaged);
    const sentence = refusalOf(() => check(damaged));
    const refused = expected.test(sentence ?? '');
    if (!refused) wrong += 1;
    console.log(`${refused ? 'refused' : 'WRONG  '}  ${what.padEnd(38)}  ${sentence ?? 'accepted'}`);
  }
  if (wrong > 0) refuse(`${wrong} of ${DAMAGES.length} damages were accepted, or refused for another reason.`);
  console.log(`self-test: ${DAMAGES.length} damages, all refused, ok`);
}

function refusalOf(attempt) {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

try {
  await main(...process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refusal || error.code === 'ENOENT')) throw error;
  console.error(`template.yml: ${error.message}`);
  process.exitCode = 1;
}
