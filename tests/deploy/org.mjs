// Checks templates of deploy/org: `node org.mjs FILE…` prints what is wrong, one sentence a line.
//
// The vendor publishes each ROS resource type as a class that validates its properties. Each template is evaluated with
// all its conditions true, and again with all of them false; each resource is rendered by its class, and what comes out is
// compared with what was written, because a class leaves out what it does not know.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import ros from '@alicloud/ros-cdk-core';
import ram from '@alicloud/ros-cdk-ram';
import roses from '@alicloud/ros-cdk-ros';
import { parse } from 'yaml';

const NONE = Symbol('NoValue');
const SECTIONS = ['ROSTemplateFormatVersion', 'Description', 'Parameters', 'Conditions', 'Resources', 'Outputs'];
const CLASSES = Object.fromEntries([ram.RosRole, roses.RosStackGroup, roses.RosStackInstances].map(byType));

function byType(Resource) {
  return [Resource.ROS_RESOURCE_TYPE_NAME, Resource];
}

function* check(template) {
  for (const section of Object.keys(template)) if (!SECTIONS.includes(section)) yield `${section} is no section`;
  for (const [name, { Default, AllowedValues }] of Object.entries(template.Parameters)) {
    const fits = Default === undefined || AllowedValues === undefined || AllowedValues.includes(Default);
    if (!fits) yield `parameter ${name}: ${Default} is not allowed`;
  }
  for (const isTrue of [true, false]) {
    const wrong = [];
    const evaluated = (node) => evaluate(node, { template, isTrue, wrong });
    for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
      yield* rendered(id, Type, evaluated(Properties));
    }
    evaluated(template.Outputs);
    evaluated(template.Conditions);
    yield* wrong;
  }
}

function* rendered(id, type, properties) {
  const resource = instance(type, properties);
  if (!resource) return yield `${id}: ${type} is no type that is known here`;
  try {
    yield* lost(properties, resource.renderProperties(resource.rosProperties), id);
  } catch (error) {
    if (error.type !== 'RosSynthesisError') throw error;
    yield `${id}: ${error.message.split('\n').slice(1).map((line) => line.trim()).join(', ')}`;
  }
}

function instance(type, properties) {
  const Resource = CLASSES[type];
  return Resource && new Resource(new ros.Stack(new ros.App(), 'check'), 'it', lowered(properties), true);
}

/** Lets a class read `templateUrl` where the template says `TemplateURL`; the keys of free maps stay as they are. */
function lowered(value) {
  if (Array.isArray(value)) return value.map(lowered);
  if (value === null || typeof value !== 'object') return value;
  const keys = new Map(Object.keys(value).map((key) => [key.toLowerCase(), key]));
  return new Proxy(value, {
    get: (map, name) => (typeof name === 'symbol' || name in map ? map[name] : lowered(map[keys.get(name.toLowerCase())])),
  });
}

function* lost(written, rendering, path) {
  if (written === null || typeof written !== 'object') return;
  for (const [key, value] of Object.entries(written)) {
    if (rendering?.[key] === undefined) yield `${path}.${key} is not known there`;
    else yield* lost(value, rendering[key], `${path}.${key}`);
  }
}

/** A node with its functions carried out, as far as a shape needs it. */
function evaluate(node, scope) {
  if (Array.isArray(node)) return node.map((one) => evaluate(one, scope)).filter((one) => one !== NONE);
  if (node === null || typeof node !== 'object') return node;
  const [[key, value], ...others] = Object.entries(node);
  if (others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'))) return call(key, value, scope);
  const entries = Object.entries(node).map(([name, one]) => [name, evaluate(one, scope)]);
  return Object.fromEntries(entries.filter(([, one]) => one !== NONE));
}

function call(name, value, scope) {
  const { template, isTrue, wrong } = scope;
  const known = (id) => id.startsWith('ALIYUN::') || id in template.Parameters;
  switch (name) {
    case 'Ref':
      if (value === 'ALIYUN::NoValue') return NONE;
      if (!known(value)) wrong.push(`${value} is named, and there is no such parameter`);
      return template.Parameters[value]?.Type === 'Json' ? ['1234567890123456'] : value;
    case 'Fn::Sub':
      for (const [, id] of value.matchAll(/\$\{([^}]*)\}/g)) if (!known(id)) wrong.push(`${id} is named in a text`);
      return value;
    case 'Fn::If':
      if (!(value[0] in template.Conditions)) wrong.push(`${value[0]} is no condition`);
      return evaluate(value[isTrue ? 1 : 2], scope);
    case 'Fn::GetAtt': {
      const resource = instance(template.Resources[value[0]]?.Type, {});
      if (!resource?.[`attr${value[1]}`]) wrong.push(`${value.join('.')} is no attribute`);
      return value[1];
    }
    case 'Fn::Equals':
      return evaluate(value, scope);
    default:
      return wrong.push(`${name} is not known here`);
  }
}

for (const file of process.argv.slice(2)) {
  for (const sentence of new Set(check(parse(readFileSync(file, 'utf8'))))) {
    console.log(`${basename(file)}: ${sentence}`);
    process.exitCode = 1;
  }
}
