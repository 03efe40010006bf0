// The vendor's classes: one for each ROS resource type, with the rules for its properties.

import { refuse } from './language.mjs';
import * as queue from './queue.mjs';

const LIBRARIES = ['fc3', 'eventbridge', 'ram', 'sls', 'cms'].map((name) => `@alicloud/ros-cdk-${name}`);

const { default: ros } = await import('@alicloud/ros-cdk-core');
const CLASSES = new Map();
for (const library of LIBRARIES) {
  for (const [name, value] of Object.entries((await import(library)).default)) {
    // `RosFunction` is the type itself; `Function`, beside it, is a convenience around it.
    if (name.startsWith('Ros') && value.ROS_RESOURCE_TYPE_NAME) CLASSES.set(value.ROS_RESOURCE_TYPE_NAME, value);
  }
}

/** Validates and renders one resource, and returns how many of its keys came out again: all, or it is refused. */
export function render(id, type, properties) {
  if (type === queue.TYPE) return queue.render(id, properties);
  const resource = instantiate(id, type, properties);
  try {
    return countKeys(properties, resource.renderProperties(resource.rosProperties), id);
  } catch (error) {
    if (error.type !== 'RosSynthesisError') throw error;
    const [, ...reasons] = error.message.split('\n').map((line) => line.trim());
    return refuse(`${id} is not a valid ${type}: ${reasons.join(', ')}.`);
  }
}

/** What `Fn::GetAtt` may ask of a type. */
export function attributesOf(id, type) {
  if (type === queue.TYPE) return queue.ATTRIBUTES;
  const resource = instantiate(id, type, {});
  const tokens = Object.keys(resource).filter((key) => key.startsWith('attr'));
  return tokens.map((key) => resource.stack.resolve(resource[key])['Fn::GetAtt'][1]);
}

function instantiate(id, type, properties) {
  const Resource = CLASSES.get(type) ?? refuse(`${id}: ${type} is in none of ${LIBRARIES.join(', ')}.`);
  // The last argument turns the property rules on; without it nothing is validated.
  return new Resource(new ros.Stack(new ros.App(), 'check'), id, asProperties(properties), true);
}

/**
 * Lets a class read template keys by its own names: it asks for `functionName` where the template says `FunctionName`.
 * A name is translated only when it is asked for, so the keys of a free map, such as environment variables, stay as
 * they are, and nothing here has to know which maps are free.
 */
function asProperties(value) {
  if (Array.isArray(value)) return value.map(asProperties);
  if (value === null || typeof value !== 'object') return value;
  return new Proxy(value, {
    get: (map, name) => (typeof name === 'symbol' || name in map ? map[name] : asProperties(map[templateKey(name)])),
  });
}

function templateKey(name) {
  return { identity: 'Id', ram: 'RAM', ttl: 'TTL' }[name] ?? name[0].toUpperCase() + name.slice(1);
}

/** A class leaves out what it does not know, without a word: that is the error looked for here. */
function countKeys(written, rendered, path) {
  if (written === null || typeof written !== 'object') return 0;
  let count = 0;
  for (const [key, value] of Object.entries(written)) {
    const here = Array.isArray(written) ? `${path}[${key}]` : `${path}.${key}`;
    if (rendered?.[key] === undefined) refuse(`${here} is not a property that ROS knows there.`);
    count += (Array.isArray(written) ? 0 : 1) + countKeys(value, rendered[key], here);
  }
  return count;
}
