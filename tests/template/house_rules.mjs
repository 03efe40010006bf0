// What no validator of the vendor asks for, and we do.

import { references, refuse } from './language.mjs';

const all = ({ Resources }, type) => Object.entries(Resources).filter(([, { Type }]) => Type === `ALIYUN::FC3::${type}`);

/** The resources that a function's settings are about, by the id of the function. */
const perFunction = (template, type) =>
  new Map(all(template, type).map(([, { Properties }]) => [Properties.FunctionName['Fn::GetAtt']?.[0], Properties]));

/** What the function gets as its environment, with every name and every value as written. */
const variablesOf = ({ Properties }) => Object.assign({}, ...Properties.EnvironmentVariables['Fn::Add']);

/** What anybody can cause is paid for: each function says how many instances of it there may be. */
export function checkCaps(template) {
  const capped = perFunction(template, 'ConcurrencyConfig');
  const free = all(template, 'Function').find(([id, { Properties }]) => !capped.has(id) || !Properties.InstanceConcurrency);
  if (free) refuse(`${free[0]} has no InstanceConcurrency or no ALIYUN::FC3::ConcurrencyConfig: nothing caps its instances.`);
}

/** What cannot be done goes to the failure queue. A door's callers hear at once, and it queues nothing. */
export function checkFailures(template) {
  const configured = perFunction(template, 'AsyncInvokeConfig');
  for (const [id, resource] of all(template, 'Function')) {
    const isDoor = variablesOf(resource).SEAL_ROLE === 'door';
    const config = configured.get(id) ?? refuse(`${id} has no ALIYUN::FC3::AsyncInvokeConfig.`);
    if (!isDoor && !config.DestinationConfig?.OnFailure) refuse(`${id} loses what it cannot do: it has no failure queue.`);
  }
}

/** What belongs to the deployment alone. The values of NoEcho that a door has are named here by what it may have. */
const OF_THE_DOOR = ['DoorVariables', 'DoorSecret', 'Mode', 'Worker'];

/** Strangers reach the door and no other function, and it holds nothing of the others. */
export function checkDoors(template) {
  const doors = all(template, 'Function').filter(([, resource]) => variablesOf(resource).SEAL_ROLE === 'door');
  for (const [id, { Properties }] of doors) {
    for (const { name, resource } of references(Properties.EnvironmentVariables)) {
      const given = name ?? resource;
      if (!OF_THE_DOOR.includes(given)) refuse(`${id} is reached by strangers and must not hold ${given}.`);
    }
  }
  for (const [id, { Properties }] of all(template, 'Trigger')) {
    const about = Properties.FunctionName['Fn::GetAtt']?.[0];
    if (Properties.TriggerType === 'http' && !doors.some(([door]) => door === about)) {
      refuse(`${id} opens ${about ?? 'a function'} to strangers, which is no door.`);
    }
  }
}

/** What a function gets is a secret, or it is one of these; a secret is never shown. */
const OPEN = ['Mode', 'SinksRequired'];

export function checkSecrets(template) {
  for (const [id, { Properties }] of all(template, 'Function')) {
    for (const { name } of references(Properties.EnvironmentVariables)) {
      const shown = name in template.Parameters && !OPEN.includes(name) && template.Parameters[name].NoEcho !== true;
      if (shown) refuse(`${name} is given to ${id} and must have NoEcho: whoever sees the stack would read it.`);
    }
  }
}

/**
 * A door over HTTP tells its caller how it went. Called asynchronously, only the platform would hear, and to it every answer
 * of such a door is a success: a webhook's 503 would be lost.
 */
export function checkTrigger(id, { TriggerType, TriggerConfig }) {
  if (TriggerType !== 'http') return;
  const config = typeof TriggerConfig === 'string' ? JSON.parse(TriggerConfig) : TriggerConfig;
  const mode = Object.entries(config ?? {}).find(([key]) => /^(async)?invocationType$/i.test(key));
  if (mode && ![false, 'false', 'Sync'].includes(mode[1])) {
    refuse(`${id} is an HTTP trigger and must be synchronous, but its ${mode[0]} is ${mode[1]}.`);
  }
  const unknown = Object.keys(config).find((key) => !HTTP_TRIGGER.includes(key) && key !== mode?.[0]);
  if (unknown) refuse(`${id}: ${unknown} is not known of an HTTP trigger, which has ${HTTP_TRIGGER.join(', ')}.`);
  if (config.authType !== 'anonymous') refuse(`${id}: authType is ${config.authType}: no chat could reach it.`);
}

/** ROS validates no more than that this is a map. The keys are those of the fc3 schema, IHttpTriggerConfig. */
const HTTP_TRIGGER = ['authType', 'methods', 'disableURLInternet', 'authConfig'];
